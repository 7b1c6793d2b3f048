import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { dispatch } from "../../src/cli/dispatch.ts";
import { TestContext } from "./capture-context.ts";

test("demo: with neither Go nor Docker it says so, and shows a mesh of TypeScript peers", async (t) => {
  const empty = mkdtempSync(join(tmpdir(), "weave-mesh-demo-"));
  t.teardown(() => rmSync(empty, { recursive: true }));
  const path = process.env.PATH;
  t.teardown(() => {
    process.env.PATH = path;
  });
  process.env.PATH = empty;
  const context = new TestContext();
  t.is(await dispatch(["demo"], context), 0);
  t.is(context.stderr.text, "");
  const output = context.stdout.text;
  t.regex(
    output,
    /^No Go peers: Go is not installed, and Docker does not answer\. Running TypeScript peers only\.$/m,
  );
  for (const peer of [1, 2, 3, 4]) {
    t.regex(output, new RegExp(`^ts-${peer} +TypeScript \\(.*00:00:00:00:00:0${peer} `, "m"));
    t.regex(output, new RegExp(`^ {2}ts-${peer} added .* now reads 50$`, "m"));
  }
  t.regex(output, /ts-1 -> ts-4: ts-4 received "hello ts-4, this is ts-1"/);
  t.regex(output, /ts-2 -> all: ts-1, ts-3, ts-4 received/);
});

test("demo: it takes no flags", async (t) => {
  t.is(await dispatch(["demo", "--fast"], new TestContext()), 2);
});
