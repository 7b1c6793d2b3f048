/** Runs one attack. Its argument is JSON; it tells `ready`, waits for the line `go`, and tells `done` with its notes. */
import { pathToFileURL } from "node:url";
import type { NetworkAttack } from "../attack.ts";
import { Field, type FieldSpec } from "../field.ts";
import { onLine, specification, tell } from "./lines.ts";

const {
  module,
  variant,
  field: spec,
} = specification<{ module: string; variant: string; field: FieldSpec }>();

let begun = false;
let go: () => void = () => {};
const started = new Promise<void>((resolve) => {
  go = resolve;
});
onLine((line) => {
  if (line === "go") go();
});

const { default: attack } = (await import(pathToFileURL(module).href)) as { default: NetworkAttack };
const field = new Field(spec, async () => {
  tell("ready");
  begun = true;
  await started;
});
try {
  await attack.run(field, attack.variants?.[variant]);
  tell("done", { notes: field.notes });
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell(begun ? "done" : "failed", { notes: field.notes, error: text });
}
// The connections stay open until standard input ends.
