import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "../..");

/** Starts a server and waits for the line that says where it listens. */
async function serve(
  command: string,
  args: readonly string[],
): Promise<{ address: string; process: ChildProcess }> {
  const child = spawn(command, [...args, "serve", "127.0.0.1:0"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /^serving on (.*)$/.exec(line)?.[1];
    if (address !== undefined) return { address, process: child };
  }
  throw new Error(`${command} ended without serving`);
}

const calls = [
  { args: ["6", "7"], expected: "multiply 42\ndivide 0 6\n" },
  { args: ["-7", "2"], expected: "multiply -14\ndivide -3 -1\n" },
  { args: ["5", "0"], expected: "multiply 0\nerror divide by zero\n" },
];

/** Go and TypeScript as client and server of net/rpc, in all four ways; returns what went wrong. */
export async function checkRpc(go: string, scratch: string): Promise<string[]> {
  const program = join(scratch, "rpc");
  execFileSync(go, ["build", "-o", program, "./rpc"], { cwd: import.meta.dirname, stdio: "inherit" });
  const ends = {
    go: [program],
    ts: [process.execPath, "--import=tsx", join(root, "examples/net-rpc/main.ts")],
  } as const;
  const problems: string[] = [];
  for (const [server, serverCommand] of Object.entries(ends)) {
    const running = await serve(serverCommand[0], serverCommand.slice(1));
    try {
      for (const [client, [command, ...first]] of Object.entries(ends)) {
        for (const { args, expected } of calls) {
          const printed = execFileSync(command, [...first, "call", running.address, ...args], {
            cwd: root,
          }).toString();
          if (printed !== expected) problems.push(`rpc: ${client} calls ${server}: ${printed}`);
        }
      }
    } finally {
      running.process.kill();
    }
  }
  return problems;
}
