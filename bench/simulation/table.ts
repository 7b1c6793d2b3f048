import type { Outcome } from "./simulate.ts";

const kib = (bytes: number): string => (bytes / 1024).toFixed(0);

/** The columns of the table: title, and what stands there. */
const columns: readonly (readonly [title: string, cell: (outcome: Outcome) => string])[] = [
  ["mesh", ({ shape }) => shape],
  ["peers", ({ size }) => String(size)],
  ["connections", ({ connections }) => String(connections)],
  ["start over s", ({ startSeconds }) => String(startSeconds)],
  ["virtual s", ({ seconds }) => seconds.toFixed(1)],
  ["messages/peer", ({ messagesPerPeer }) => messagesPerPeer.toFixed(0)],
  ["by the original's rules", ({ originalMessagesPerPeer }) => originalMessagesPerPeer.toFixed(0)],
  ["KiB/peer", ({ bytesPerPeer }) => kib(bytesPerPeer)],
  ["by the original's rules", ({ originalBytesPerPeer }) => kib(originalBytesPerPeer)],
  ["of these complete", ({ completeBytesPerPeer }) => kib(completeBytesPerPeer)],
  ["CPU ms/peer", ({ cpuSecondsPerPeer }) => (cpuSecondsPerPeer * 1000).toFixed(1)],
  ["resident MiB", ({ residentBytes }) => (residentBytes / 2 ** 20).toFixed(0)],
];

/** The head of the table. */
export const tableHead = [
  `| ${columns.map(([title]) => title).join(" | ")} |`,
  `|------|${"-----:|".repeat(columns.length - 1)}`,
].join("\n");

/** Its line for one mesh. */
export function tableLine(outcome: Outcome): string {
  return `| ${columns.map(([, cell]) => cell(outcome)).join(" | ")} |`;
}
