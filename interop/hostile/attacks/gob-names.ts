import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommandAttack } from "../attack.ts";
import { gobBytes, gobInt, gobMessage, gobType, gobUint, structType } from "../bytes/gob.ts";
import { hostileText, rawCharacters } from "../output-characters.ts";

interface Names {
  type: string;
  fields: string[];
  ts: boolean;
}

const injected = "A int64\n}\n\nfunc init() { println(1) }\n\ntype B struct {\n\tC";
const injectedTs = 'A": 1, }); globalThis.injected = 1; (x = { "B';

const variants: Record<string, Names> = {
  "a field name with Go code": { type: "T", fields: [injected], ts: false },
  "a type name with Go code": { type: `T struct {}\nfunc init() {}\ntype X`, fields: ["A"], ts: false },
  "a field name with TypeScript code": { type: "T", fields: [injectedTs], ts: true },
  "a type name with TypeScript code": { type: `T", {}); globalThis.x = 1; ("`, fields: ["A"], ts: true },
  "a field __proto__": { type: "T", fields: ["__proto__", "constructor"], ts: true },
  "control characters, Go": { type: hostileText, fields: [hostileText], ts: false },
  "control characters, TypeScript": { type: hostileText, fields: [hostileText], ts: true },
  "line separators and comments": {
    type: "T*/ x /*",
    fields: ["A\u2028B", "`", `$\{1}`, "//", "*/"],
    ts: true,
  },
};

export default defineCommandAttack<Names>({
  title: "names of types and fields do not become code or control sequences",
  group: "output",
  variants,
  gate: ["a field name with Go code"],
  async command({ folder }, { type, fields, ts }) {
    const file = join(folder, "input.gob");
    const value = gobMessage(gobInt(65), ...fields.flatMap(() => [gobUint(1), gobInt(1)]), Buffer.of(0));
    const definition = structType(
      65,
      type,
      fields.map((field) => [field, gobType.int] as const),
    );
    await writeFile(
      file,
      Buffer.concat([definition, value, gobMessage(gobInt(6), Buffer.of(0), gobBytes("x"))]),
    );
    return { arguments: ["gob", "types", file, ...(ts ? ["--ts"] : [])] };
  },
  check({ stdout, stderr, status }, { fields }) {
    const both = stdout + stderr;
    if (/^func |^\s*globalThis|^type X/m.test(both)) return "code of the input stands in the output as code";
    if (/\); globalThis\.\w+ = 1/.test(stdout.replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`|\/\/.*$/gm, '""'))) {
      return "code of the input stands outside of a string";
    }
    if (fields.includes("__proto__") && status === 0 && !/["'[]__proto__["'\]]/.test(stdout)) {
      return "the field __proto__ is not there as a property of its own";
    }
    const found = rawCharacters(both.replaceAll("\t", ""));
    return found.length === 0 ? undefined : `written as they are: ${found.join(", ")}`;
  },
});
