import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import {
  collectTypes,
  type DecoderOptions,
  decodeToJsonLines,
  GobError,
  toGoDeclarations,
  toSchemaSource,
  transcode,
} from "../gob/index.ts";
import { parseFlags, parseWhole } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";

const usage = "gob decode FILE | gob types FILE [--ts] | gob transcode IN OUT, each with [--memory MIB]";

/** `weave-mesh gob`: what is in a gob stream. */
export const gob: Command = {
  help: `Usage: weave-mesh gob decode FILE|-
       weave-mesh gob types FILE|- [--ts]
       weave-mesh gob transcode IN|- OUT|-

Show a stream of Go's encoding/gob; no knowledge of its types is needed.

  decode     print each value as one line of JSON: {"type": …, "value": …}
  types      print Go declarations of the types in the stream
  --ts       print schemas for weave-mesh/gob instead, ready to be pasted
  transcode  decode to values with their types and encode again: the bytes are identical
  --memory   MiB of memory that one value may take (1 to 65536; default 256)

- is standard input or output. At damage what comes before it is printed, one line with the offset goes to standard
error, and the exit status is 1.
`,
  run: runGob,
};

async function runGob(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = parseFlags(
    args,
    { ts: { type: "boolean" }, memory: { type: "string" } },
    true,
  );
  const [action, input, output, ...rest] = positionals;
  const isTranscode = action === "transcode";
  if (input === undefined || rest.length > 0 || isTranscode !== (output !== undefined)) {
    throw new CliError("usage", usage);
  }
  if (values.ts === true && action !== "types") throw new CliError("usage", "--ts belongs to gob types");
  const options = optionsFor(values.memory);
  switch (action) {
    case "decode":
      return decode(input, options, context);
    case "types":
      return types(input, options, values.ts === true, context);
    case "transcode":
      return rewrite(input, output!, options, context);
    default:
      throw new CliError("usage", usage);
  }
}

function optionsFor(memory: string | undefined): DecoderOptions {
  if (memory === undefined) return {};
  return { limits: { memoryBytes: parseWhole("--memory", memory, 1, 65_536) * 2 ** 20 } };
}

async function decode(input: string, options: DecoderOptions, context: CommandContext): Promise<void> {
  try {
    for await (const line of decodeToJsonLines(open(input, context), options))
      await write(context.stdout, `${line}\n`);
  } catch (error) {
    throw damage(input, error);
  }
}

async function types(
  input: string,
  options: DecoderOptions,
  asSchemas: boolean,
  context: CommandContext,
): Promise<void> {
  const collected = await collectTypes(open(input, context), options);
  await write(context.stdout, asSchemas ? toSchemaSource(collected) : toGoDeclarations(collected));
  if (collected.error !== undefined) throw damage(input, collected.error);
}

async function rewrite(
  input: string,
  output: string,
  options: DecoderOptions,
  context: CommandContext,
): Promise<void> {
  const target = output === "-" ? context.stdout : createWriteStream(output);
  try {
    for await (const bytes of transcode(open(input, context), options)) await write(target, bytes);
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
  const isTooLarge = error instanceof GobError && error.code === "value-too-large";
  const advice = isTooLarge ? "; --memory MIB allows more" : "";
  const name = input === "-" ? "standard input" : input;
  return new CliError("failed", `${name}: ${oneLine(error)}${advice}`, { cause: error });
}
