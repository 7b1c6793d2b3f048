import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

/** The commands of a program: each gets the request and returns the fields of the answer. */
export type Commands = Readonly<
  Record<string, (request: never) => object | undefined | Promise<object | undefined>>
>;

/**
 * The program's side of a `CommandedProcess`: prints that the program is ready, carries out the commands on standard input,
 * and ends the process, after `end`, with standard input.
 */
export function serveCommands(commands: Commands, end: () => Promise<void> = async () => {}): void {
  print({ event: "ready" });
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const request = JSON.parse(line) as { id: number; do: string };
    try {
      const command = commands[request.do];
      if (command === undefined) throw new Error(`unknown command "${request.do}"`);
      print({ id: request.id, ...(await command(request as never)) });
    } catch (error) {
      print({ id: request.id, error: String((error as Error).stack ?? error) });
    }
  });
  lines.on("close", async () => {
    await end();
    process.exit(0);
  });
}

function print(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}
