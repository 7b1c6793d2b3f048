import { createHash } from "node:crypto";
import type { Flavour } from "../peer-name.ts";
import type { Features } from "../wire/index.ts";
import { viewMessage } from "./message-view.ts";
import { describePayload } from "./payload-text.ts";
import type { ScriptMessage } from "./replay-script.ts";
import { TopologyKnowledge } from "./topology-knowledge.ts";

/** One place where the live side and the record part. */
export interface Departure {
  readonly kind: "missing" | "extra" | "features" | "peers" | "end";
  /** Number of the message, in the record (`missing`) or of the live side (`extra`). */
  readonly number?: number;
  readonly text: string;
}

/** What a replay came to. */
export interface ReplayReport {
  readonly protocol: 1 | 2;
  readonly remoteName: string;
  readonly remoteNickName: string;
  /** Messages played, of how many. */
  readonly played: number;
  readonly of: number;
  /** Messages of the live side, heartbeats included. */
  readonly answers: number;
  /** Of these, topology updates. */
  readonly updates: number;
  /** Of the others, those that mean what a message of the record does; */
  readonly matched: number;
  /** Peers that the live side described, and the record's other side did. */
  readonly livePeers: readonly string[];
  readonly recordedPeers: readonly string[];
  /** Why the connection ended, if the live side ended it. */
  readonly endedBy?: string;
  readonly departures: readonly Departure[];
}

/** What was played and what came of it. Names of the live side have been changed to those of the record. */
export interface ReplayOutcome {
  readonly flavour: Flavour;
  readonly protocol: 1 | 2;
  readonly recordedFeatures: Features;
  readonly liveFeatures: Features;
  readonly played: number;
  readonly of: number;
  readonly recorded: readonly ScriptMessage[];
  readonly live: readonly ScriptMessage[];
  readonly endedBy: string | undefined;
}

/** Features that say what a peer is like, not which one it is. */
const comparedFeatures = ["PeerNameFlavour", "Name"];

/**
 * Compares what the live side said with the record, by meaning: what was said on channels is matched message by message,
 * whatever its order; topology updates by the peers that they described in all.
 */
export function compareReplay(outcome: ReplayOutcome): ReplayReport {
  const { flavour, recordedFeatures, liveFeatures, recorded, live, endedBy, played, of } = outcome;
  const departures: Departure[] = [];
  for (const name of comparedFeatures) {
    if (recordedFeatures.get(name) !== liveFeatures.get(name)) {
      const text = `${name} is ${liveFeatures.get(name)}, in the record ${recordedFeatures.get(name)}`;
      departures.push({ kind: "features", text });
    }
  }
  const recordedPeers = describedPeers(recorded, flavour);
  const livePeers = describedPeers(live, flavour);
  const waiting = new Map<string, ScriptMessage[]>();
  for (const message of recorded) {
    const meaning = meaningOf(message.bytes, flavour);
    if (meaning === undefined) continue;
    const same = waiting.get(meaning) ?? [];
    same.push(message);
    waiting.set(meaning, same);
  }
  let matched = 0;
  for (const message of live) {
    const meaning = meaningOf(message.bytes, flavour);
    if (meaning === undefined) continue;
    if (waiting.get(meaning)?.shift() !== undefined) matched++;
    else departures.push({ kind: "extra", number: message.number, text: textOf(message.bytes, flavour) });
  }
  for (const { number, bytes } of [...waiting.values()].flat().sort((a, b) => a.number - b.number)) {
    departures.push({ kind: "missing", number, text: textOf(bytes, flavour) });
  }
  const lacking = recordedPeers.filter((name) => !livePeers.includes(name));
  const more = livePeers.filter((name) => !recordedPeers.includes(name));
  if (lacking.length > 0)
    departures.push({ kind: "peers", text: `it did not describe ${lacking.join(", ")}` });
  if (more.length > 0) departures.push({ kind: "peers", text: `it described ${more.join(", ")}, too` });
  if (endedBy !== undefined)
    departures.push({ kind: "end", text: `${endedBy}, after ${played} of ${of} messages` });
  return {
    protocol: outcome.protocol,
    remoteName: liveFeatures.get("Name") ?? "",
    remoteNickName: liveFeatures.get("NickName") ?? "",
    played,
    of,
    answers: live.length,
    updates: live.filter(({ bytes }) => viewMessage(bytes, flavour).channel === "topology").length,
    matched,
    livePeers,
    recordedPeers,
    ...(endedBy !== undefined && { endedBy }),
    departures,
  };
}

/** A text that is the same for messages that mean the same; undefined for those that are not compared one by one. */
function meaningOf(message: Uint8Array, flavour: Flavour): string | undefined {
  const { kind, channel, source, destination, payload } = viewMessage(message, flavour);
  if (kind === "heartbeat" || channel === "topology") return undefined;
  return [kind, channel, source, destination, createHash("sha256").update(payload).digest("hex")].join(" ");
}

function textOf(message: Uint8Array, flavour: Flavour): string {
  const { kind, channel, source, destination, payload } = viewMessage(message, flavour);
  const to = destination === undefined ? "" : ` to ${destination}`;
  const text = describePayload(payload, 60).text;
  return `${kind} on ${channel} from ${source}${to}, ${payload.length} bytes${text === "" ? "" : `: ${text}`}`;
}

function describedPeers(messages: readonly ScriptMessage[], flavour: Flavour): string[] {
  const knowledge = new TopologyKnowledge();
  for (const { bytes } of messages) {
    const { channel, payload, fault } = viewMessage(bytes, flavour);
    if (channel === "topology" && fault === undefined) knowledge.apply(payload, flavour);
  }
  return knowledge.peers.map(({ name }) => name as string).sort();
}
