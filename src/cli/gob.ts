import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import {
  collectTypes,
  decodeToJsonLines,
  toGoDeclarations,
  toSchemaSource,
  transcode,
} from "../gob/index.ts";
import { parseFlags } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";

const usage = "gob decode FILE | gob types FILE [--ts] | gob transcode IN OUT";

/** `weave-mesh gob`: what is in a gob stream. */
export const gob: Command = {
  help: `Usage: weave-mesh gob decode FILE|-
       weave-mesh gob types FILE|- [--ts]
       weave-mesh gob transcode IN|- OUT|-

Look into a stream of Go's encoding/gob; no knowledge of its types is needed.

  decode     print each value as one line of JSON: {"type": …, "value": …}
  types      print Go declarations of the types in the stream
  --ts       print schemas for weave-mesh/gob instead, ready to be pasted
  transcode  decode to values with their types and encode again: the bytes are identical

- is standard input or output. At damage what comes before it is printed, one line with the offset goes to standard
error, and the exit status is 1.
`,
  run: runGob,
};

async function runGob(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = parseFlags(args, { ts: { type: "boolean" } }, true);
  const [action, input, output, ...rest] = positionals;
  const isTranscode = action === "transcode";
  if (input === undefined || rest.length > 0 || isTranscode !== (output !== undefined)) {
    throw new CliError("usage", usage);
  }
  if (values.ts === true && action !== "types") throw new CliError("usage", "--ts belongs to gob types");
  switch (action) {
    case "decode":
      return decode(input, context);
    case "types":
      return types(input, values.ts === true, context);
    case "transcode":
      return rewrite(input, output!, context);
    default:
      throw new CliError("usage", usage);
  }
}

async function decode(input: string, context: CommandContext): Promise<void> {
  try {
    for await (const line of decodeToJsonLines(open(input, context)))
      await write(context.stdout, `${line}\n`);
  } catch (error) {
    throw damage(input, error);
  }
}

async function types(input: string, asSchemas: boolean, context: CommandContext): Promise<void> {
  const collected = await collectTypes(open(input, context));
  await write(context.stdout, asSchemas ? toSchemaSource(collected) : toGoDeclarations(collected));
  if (collected.error !== undefined) throw damage(input, collected.error);
}

async function rewrite(input: string, output: string, context: CommandContext): Promise<void> {
  const target = output === "-" ? context.stdout : createWriteStream(output);
  try {
    for await (const bytes of transcode(open(input, context))) await write(target, bytes);
  } catch (error) {
    throw damage(input, error);
  } finally {
    if (target !== context.stdout) {
      target.end();
      await finished(target).catch((error: unknown) => {
        throw new CliError("failed", `${output}: ${oneLine(error)}`, { cause: error });
      });
    }
  }
}

function open(input: string, context: CommandContext): AsyncIterable<Uint8Array> {
  return input === "-" ? context.stdin : (createReadStream(input) as AsyncIterable<Uint8Array>);
}

/** Waits while the other side is slow to take what was written. */
async function write(target: Writable, data: string | Uint8Array): Promise<void> {
  if (!target.write(data)) await once(target, "drain");
}

function damage(input: string, error: unknown): CliError {
  return new CliError("failed", `${input === "-" ? "standard input" : input}: ${oneLine(error)}`, {
    cause: error,
  });
}
