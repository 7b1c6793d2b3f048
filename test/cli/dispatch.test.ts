import { readFileSync } from "node:fs";
import test from "ava";
import { dispatch } from "../../src/cli/dispatch.ts";
import { TestContext } from "./capture-context.ts";

async function run(...args: string[]) {
  const context = new TestContext();
  const status = await dispatch(args, context);
  return { status, stdout: context.stdout.text, stderr: context.stderr.text };
}

test("command line: --help lists the commands", async (t) => {
  for (const argument of ["--help", "-h", "help"]) {
    const { status, stdout } = await run(argument);
    t.is(status, 0);
    for (const command of ["join", "status", "demo"]) t.regex(stdout, new RegExp(`^  ${command} `, "m"));
  }
});

for (const command of ["join", "status", "demo"]) {
  test(`command line: ${command} --help explains the command`, async (t) => {
    const { status, stdout, stderr } = await run(command, "--help");
    t.is(status, 0);
    t.true(
      stdout.startsWith(`Usage: weave-mesh ${command} `) ||
        stdout.startsWith(`Usage: weave-mesh ${command}\n`),
    );
    t.is(stderr, "");
  });
}

test("command line: --version is the package's", async (t) => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  t.deepEqual(await run("--version"), { status: 0, stdout: `${version}\n`, stderr: "" });
});

const mistakes: [string[], RegExp][] = [
  [[], /^weave-mesh: a command is missing.*\n$/],
  [["jion"], /^weave-mesh: unknown command "jion".*\n$/],
  [["join", "--hwaddr", "nonsense"], /^weave-mesh: invalid peer name format: "nonsense"\n$/],
  [["join", "--trusted-subnets", "10.0.0.0", "--hwaddr", "1::"], /^weave-mesh: .*10\.0\.0\.0.*\n$/],
  [["join", "stray"], /^weave-mesh: .*stray.*\n$/],
];

for (const [args, line] of mistakes) {
  test(`command line: "${args.join(" ")}" is answered with one line and exit status 2`, async (t) => {
    const { status, stdout, stderr } = await run(...args);
    t.is(status, 2);
    t.is(stdout, "");
    t.regex(stderr, line);
  });
}

test("command line: an error is one line of at most 4 KiB without control characters", async (t) => {
  const { status, stderr } = await run("status", "127.0.0.1:1", `\x1b[2J\n\u202e${"x".repeat(100_000)}`);
  t.is(status, 2);
  const inspected = await run("inspect", `/nowhere/\x1b[2J\r\nforged\u009b${"y".repeat(5_000)}`);
  t.is(inspected.status, 1);
  for (const line of [stderr, inspected.stderr]) {
    t.notRegex(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Cs}]/u);
    t.true(line.length < 4096 + 50);
  }
  t.regex(inspected.stderr, /\\x1b\[2J/);
});
