import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

/** What a measured program can do: each gets the request and answers with an object. */
export type Commands = Readonly<
  Record<string, (request: never) => object | undefined | Promise<object | undefined>>
>;

/** Does what the lines of standard input ask for, and answers on standard output; ends with standard input. */
export function serveCommands(commands: Commands): void {
  say({ event: "ready" });
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const request = JSON.parse(line) as { id: number; do: string };
    try {
      const command = commands[request.do];
      if (command === undefined) throw new Error(`nothing is called ${request.do}`);
      say({ id: request.id, ...(await command(request as never)) });
    } catch (error) {
      say({ id: request.id, error: String((error as Error).stack ?? error) });
    }
  });
  lines.on("close", () => process.exit(0));
}

function say(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}
