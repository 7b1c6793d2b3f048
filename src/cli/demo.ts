import { setTimeout as delay } from "node:timers/promises";
import { parseFlags } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { agree } from "./demo/agreement.ts";
import { buildGoPeer } from "./demo/go-build.ts";
import { startGoPeer } from "./demo/go-peer.ts";
import type { DemoPeer, DemoPeerOptions } from "./demo/peer.ts";
import { startTypeScriptPeer } from "./demo/typescript-peer.ts";
import { CliError } from "./errors.ts";
import { OutputError } from "./standard-output.ts";
import { table } from "./table.ts";

/** How long each thing that must come true may take, in milliseconds. */
const patienceMs = 30_000;
const pollMs = 50;

/** `weave-mesh demo`: peers of both kinds in one mesh, for those who want to see it. */
export const demo: Command = {
  help: `Usage: weave-mesh demo

Start Go and TypeScript peers on this machine, let them form one mesh, and show a unicast, a broadcast and a counter
crossing it. Ends by itself. The Go peers run the original library; they are compiled with Go, or in a container if
only Docker is there. With neither, the mesh has TypeScript peers only.
`,
  run: runDemo,
};

async function runDemo(args: readonly string[], context: CommandContext): Promise<void> {
  parseFlags(args, {});
  const say = (text: string): void => {
    // Without a reader the demo has no purpose: it ends and stops its peers.
    if (context.stdout.errored !== null) throw new OutputError(context.stdout.errored);
    context.stdout.write(`${text}\n`);
  };
  const build = await buildGoPeer(say);
  if ("missing" in build) say(`No Go peers: ${build.missing}. Running TypeScript peers only.`);
  const startGo =
    "binary" in build ? (options: DemoPeerOptions) => startGoPeer(build.binary, options) : undefined;
  const peers: DemoPeer[] = [];
  try {
    for (const [index, start] of [startTypeScriptPeer, startGo, startTypeScriptPeer, startGo].entries()) {
      const language = start === undefined || start === startTypeScriptPeer ? "ts" : "go";
      peers.push(
        await (start ?? startTypeScriptPeer)({
          nickname: `${language}-${index + 1}`,
          name: `00:00:00:00:00:0${index + 1}`,
          password: "demo",
          targets: peers.map((peer) => peer.address),
        }),
      );
    }
    await showMesh(peers, say);
    await showUnicast(peers, say);
    await showBroadcast(peers, say);
    await showCounter(peers, say);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  say("\nAll peers have left.");
}

async function showMesh(peers: readonly DemoPeer[], say: (text: string) => void): Promise<void> {
  const statuses = await until("the peers see the same mesh", async () => {
    const answers = await Promise.all(peers.map((peer) => peer.status()));
    return agree(answers) ? answers : undefined;
  });
  const rows = peers.map((peer, index) => {
    const own = statuses[index]!.Peers?.find((known) => known.Name === peer.name);
    const connections = (own?.Connections ?? []).map((connection) => connection.NickName).sort();
    return [peer.nickname, peer.language, peer.name, String(own?.UID), peer.address, connections.join(", ")];
  });
  say("\nOne mesh, sealed with a password. All peers agree on who is in it and who is connected to whom:\n");
  say(table(["PEER", "WRITTEN IN", "NAME", "UID", "ADDRESS", "CONNECTED TO"], rows).trimEnd());
}

async function showUnicast(peers: readonly DemoPeer[], say: (text: string) => void): Promise<void> {
  say("\nUnicast, both ways:\n");
  const first = peers[0]!;
  const last = peers.at(-1)!;
  for (const [from, to] of [
    [first, last],
    [last, first],
  ] as const) {
    const text = `hello ${to.nickname}, this is ${from.nickname}`;
    await from.unicast(to.name, text);
    await hears(to, "unicast", from, text);
    say(`  ${from.nickname} -> ${to.nickname}: ${to.nickname} received ${JSON.stringify(text)}`);
  }
}

async function showBroadcast(peers: readonly DemoPeer[], say: (text: string) => void): Promise<void> {
  say("\nBroadcast:\n");
  for (const from of [peers[1]!, peers[2]!]) {
    const text = `${from.nickname} greets everyone`;
    const others = peers.filter((peer) => peer !== from);
    await from.broadcast(text);
    await Promise.all(others.map((to) => hears(to, "broadcast", from, text)));
    const names = others.map((peer) => peer.nickname).join(", ");
    say(`  ${from.nickname} -> all: ${names} received ${JSON.stringify(text)}`);
  }
}

async function showCounter(peers: readonly DemoPeer[], say: (text: string) => void): Promise<void> {
  say("\nOne counter, incremented by every peer:\n");
  const shares = peers.map((_, index) => (index + 1) * 5);
  const total = shares.reduce((sum, share) => sum + share, 0);
  await Promise.all(peers.map((peer, index) => peer.increment(shares[index]!)));
  const counts = await until(`every peer counts ${total}`, async () => {
    const answers = await Promise.all(peers.map((peer) => peer.count()));
    return answers.every((answer) => answer === total) ? answers : undefined;
  });
  for (const [index, peer] of peers.entries()) {
    say(`  ${peer.nickname} added ${String(shares[index]).padStart(2)} and now reads ${counts[index]}`);
  }
}

/** Waits until a peer has heard a message. */
async function hears(to: DemoPeer, kind: string, from: DemoPeer, text: string): Promise<void> {
  await until(`${to.nickname} hears ${from.nickname}`, async () => {
    const messages = await to.heard();
    return messages.find((heard) => heard.kind === kind && heard.source === from.name && heard.text === text);
  });
}

/** Asks again and again until there is an answer. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline)
      throw new CliError("failed", `waited ${patienceMs / 1000} s in vain until ${what}`);
    await delay(pollMs);
  }
}
