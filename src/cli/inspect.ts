import { parseFlags, parseWhole } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError } from "./errors.ts";
import { follow } from "./inspect-following.ts";
import { InspectReading } from "./inspect-reading.ts";
import { GrowingKeyLogs, readKeys, recordingFiles } from "./recording-input.ts";

/** `weave-mesh inspect`: a recorded session as a conversation. */
export const inspect: Command = {
  help: `Usage: weave-mesh inspect FILE… [FLAG…]

Read recorded sessions like a conversation: session files, plain or packed with gzip, folders of them, and the packet
captures of tcpdump and Wireshark, in which mesh sessions are found by their first bytes. - is standard input, so that
tcpdump -U -w - port 6783 | weave-mesh inspect - shows what is being said.

  --keylog FILE      session keys; may be repeated. Which belongs to what is found by trying
  --password TEXT    for key logs with secret keys; may be repeated
  --json             one JSON object for each thing that was said, and one with the summary of each session
  --summary          the summaries only
  --follow           go on reading as the files grow, and take up new files in folders, until interrupted
  --width N          characters of a payload to show (default 160)

Times are seconds since the beginning of the session; -> is from the peer that dialled, <- is to it. What a topology
update says is shown as the difference to what was known before. Damage is shown where it is, and reading goes on.
WEAVE_MESH_KEYLOG names a key log, too, as it does for weave-mesh join.
`,
  run: runInspect,
};

async function runInspect(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = parseFlags(
    args,
    {
      keylog: { type: "string", multiple: true },
      password: { type: "string", multiple: true },
      json: { type: "boolean" },
      summary: { type: "boolean" },
      follow: { type: "boolean" },
      width: { type: "string", default: "160" },
    },
    true,
  );
  if (positionals.length === 0) throw new CliError("usage", "inspect FILE…");
  const fromEnvironment = process.env.WEAVE_MESH_KEYLOG;
  const logs = values.keylog ?? (fromEnvironment === undefined ? [] : [fromEnvironment]);
  const following = values.follow === true;
  // Whoever follows may be there before the first key is logged.
  const keys = await readKeys(following ? [] : logs, values.password ?? []);
  const view = {
    json: values.json === true,
    summary: values.summary === true,
    width: parseWhole("--width", values.width, 1, 1_000_000),
  };
  const files = recordingFiles(positionals);
  // Lines of several sessions tell which they belong to; a packet capture can hold any number.
  const numbered = following || files.length !== 1 || !/\.session\.jsonl(\.gz)?$/.test(files[0]!);
  const reading = new InspectReading(context, keys, view, values.keylog !== undefined, numbered);
  if (following) return follow(positionals, reading, context, new GrowingKeyLogs(keys, logs));
  if (files.length === 0) throw new CliError("failed", `${positionals.join(", ")}: no session files`);
  for (const file of files) {
    if (reading.unread) return;
    await reading.file(file);
  }
  await reading.finish();
}
