import { once } from "node:events";
import { createReadStream } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
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
import { OutputFile } from "./output-file.ts";
import { writeOutput } from "./standard-output.ts";
import { StopRequest } from "./stop-request.ts";

const usage = "gob decode FILE | gob types FILE [--ts] | gob transcode IN OUT, each with [--memory MIB]";

/** The names of standard output. Opening the special files would replace or truncate a file behind it. */
const standardOutputPaths: ReadonlySet<string> = new Set([
  "-",
  "/dev/stdout",
  "/dev/fd/1",
  "/proc/self/fd/1",
]);

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
error, and the exit status is 1. A file OUT is replaced when it is complete; it may be IN. After damage or an
interruption it has its previous content.
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
  const source = await open(input, context);
  try {
    for await (const line of decodeToJsonLines(source, options))
      await writeOutput(context.stdout, `${line}\n`);
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
  const collected = await collectTypes(await open(input, context), options);
  await writeOutput(context.stdout, asSchemas ? toSchemaSource(collected) : toGoDeclarations(collected));
  if (collected.error !== undefined) throw damage(input, collected.error);
}

async function rewrite(
  input: string,
  output: string,
  options: DecoderOptions,
  context: CommandContext,
): Promise<void> {
  // The input comes first: a missing one must not touch the output.
  const source = await open(input, context);
  if (standardOutputPaths.has(output)) {
    try {
      for await (const bytes of transcode(source, options)) await writeOutput(context.stdout, bytes);
    } catch (error) {
      throw damage(input, error);
    }
    return;
  }
  const target = await OutputFile.open(output);
  // Without a file to remove a signal ends the process, as it does in the commands that only read.
  const stop = target.isReplacement ? new StopRequest(context) : undefined;
  try {
    if (stop !== undefined) addAbortSignal(stop.signal, source);
    for await (const bytes of transcode(source, options)) await target.write(bytes);
    await target.commit();
  } catch (error) {
    target.discard();
    if (stop?.signal.aborted === true) throw new CliError("failed", `interrupted; ${output} is unchanged`);
    throw damage(input, error);
  } finally {
    stop?.dispose();
  }
}

/** Opens the input, so that a missing file is noticed at once. @throws CliError `failed` */
async function open(input: string, context: CommandContext): Promise<Readable> {
  if (input === "-") return context.stdin;
  const stream = createReadStream(input);
  try {
    await once(stream, "open");
  } catch (error) {
    throw damage(input, error);
  }
  return stream;
}

function damage(input: string, error: unknown): CliError {
  // Errors of the output name it already.
  if (error instanceof CliError) return error;
  const isTooLarge = error instanceof GobError && error.code === "value-too-large";
  const advice = isTooLarge ? "; --memory MIB allows more" : "";
  const name = input === "-" ? "standard input" : input;
  return new CliError("failed", `${name}: ${oneLine(error)}${advice}`, { cause: error });
}
