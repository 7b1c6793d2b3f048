import { createHash } from "node:crypto";
import { cutText, escapeText } from "../go-text/index.ts";
import type { Flavour } from "../peer-name.ts";
import type { Features } from "../wire/index.ts";
import { viewMessage } from "./message-view.ts";
import { describePayload } from "./payload-text.ts";
import type { ScriptMessage } from "./replay-script.ts";
import { TopologyKnowledge } from "./topology-knowledge.ts";

/** The most departures that a report lists. */
export const maxDepartures = 1000;
/** The most peers that a departure names. */
const maxNamedPeers = 100;

/** One difference between the live side and the record. */
export interface Departure {
  readonly kind: "missing" | "extra" | "features" | "peers" | "end";
  /** Number of the message, in the record (`missing`) or of the live side (`extra`). */
  readonly number?: number;
  /** One line, safe on a terminal. */
  readonly text: string;
}

/** The outcome of a replay. Texts of the live side are cut at 1 KiB. */
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
  /** Of the others, those that mean the same as a message of the record. */
  readonly matched: number;
  /** Peers that the live side described, and the record's other side did. */
  readonly livePeers: readonly string[];
  readonly recordedPeers: readonly string[];
  /** The reason for the end, if the live side or a timeout ended the connection. */
  readonly endedBy?: string;
  /** The first {@link maxDepartures} of them. */
  readonly departures: readonly Departure[];
  /** The number of further departures. */
  readonly leftOut: number;
}

/** The parts of a replay's outcome that are not messages. */
export interface ReplayOutcome {
  readonly protocol: 1 | 2;
  readonly recordedFeatures: Features;
  /** With the names of the record in place of the live ones. */
  readonly liveFeatures: Features;
  readonly played: number;
  readonly of: number;
  readonly endedBy: string | undefined;
}

/** Features that say what a peer is like, not which one it is. */
const comparedFeatures = ["PeerNameFlavour", "Name"];

/** The messages of the record with one meaning, and how many of them have come. */
interface Expected {
  readonly messages: ScriptMessage[];
  come: number;
}

/**
 * Compares the live side's messages with the record as they come, by meaning: messages on channels are matched one by
 * one, whatever their order; topology updates by the peers that they describe in all. Live messages are not kept.
 */
export class ReplayComparison {
  readonly #flavour: Flavour;
  readonly #expected = new Map<string, Expected>();
  readonly #recordedPeers = new TopologyKnowledge();
  readonly #livePeers = new TopologyKnowledge();
  readonly #extra: Departure[] = [];
  #answers = 0;
  #updates = 0;
  #matched = 0;
  #extraCount = 0;

  /** `recorded` is what the live side should say. */
  constructor(flavour: Flavour, recorded: readonly ScriptMessage[]) {
    this.#flavour = flavour;
    for (const message of recorded) {
      const meaning = this.#learn(message.bytes, this.#recordedPeers);
      if (meaning === undefined) continue;
      const expected = this.#expected.get(meaning);
      if (expected === undefined) this.#expected.set(meaning, { messages: [message], come: 0 });
      else expected.messages.push(message);
    }
  }

  /** Takes a message of the live side, with the names of the record. */
  add(message: Uint8Array): void {
    this.#answers++;
    if (viewMessage(message, this.#flavour).channel === "topology") this.#updates++;
    const meaning = this.#learn(message, this.#livePeers);
    if (meaning === undefined) return;
    const expected = this.#expected.get(meaning);
    if (expected !== undefined && expected.come < expected.messages.length) {
      expected.come++;
      this.#matched++;
      return;
    }
    this.#extraCount++;
    if (this.#extra.length < maxDepartures)
      this.#extra.push({ kind: "extra", number: this.#answers, text: textOf(message, this.#flavour) });
  }

  report(outcome: ReplayOutcome): ReplayReport {
    const { recordedFeatures, liveFeatures, endedBy, played, of, protocol } = outcome;
    const departures: Departure[] = [];
    for (const name of comparedFeatures) {
      if (recordedFeatures.get(name) !== liveFeatures.get(name)) {
        const text = `${name} is ${shown(liveFeatures.get(name))}, in the record ${shown(recordedFeatures.get(name))}`;
        departures.push({ kind: "features", text });
      }
    }
    for (const extra of this.#extra) departures.push(extra);
    const missing: ScriptMessage[] = [];
    for (const { messages, come } of this.#expected.values()) {
      for (let index = come; index < messages.length; index++) missing.push(messages[index]!);
    }
    missing.sort((a, b) => a.number - b.number);
    for (const { number, bytes } of missing.slice(0, maxDepartures)) {
      departures.push({ kind: "missing", number, text: textOf(bytes, this.#flavour) });
    }
    const recordedPeers = namesOf(this.#recordedPeers);
    const livePeers = namesOf(this.#livePeers);
    const lacking = without(recordedPeers, livePeers);
    const more = without(livePeers, recordedPeers);
    if (lacking.length > 0) departures.push({ kind: "peers", text: `it did not describe ${named(lacking)}` });
    if (more.length > 0) departures.push({ kind: "peers", text: `it described ${named(more)}, too` });
    if (endedBy !== undefined)
      departures.push({ kind: "end", text: `${shown(endedBy)}, after ${played} of ${of} messages` });
    const unlisted = this.#extraCount - this.#extra.length + Math.max(0, missing.length - maxDepartures);
    return {
      protocol,
      remoteName: cutText(liveFeatures.get("Name") ?? ""),
      remoteNickName: cutText(liveFeatures.get("NickName") ?? ""),
      played,
      of,
      answers: this.#answers,
      updates: this.#updates,
      matched: this.#matched,
      livePeers,
      recordedPeers,
      ...(endedBy !== undefined && { endedBy: cutText(endedBy) }),
      departures: departures.slice(0, maxDepartures),
      leftOut: unlisted + Math.max(0, departures.length - maxDepartures),
    };
  }

  /**
   * A text that is the same for messages that mean the same; undefined for those that are not compared one by one. The
   * peers that an update describes are added to `knowledge`.
   */
  #learn(message: Uint8Array, knowledge: TopologyKnowledge): string | undefined {
    const { kind, channel, source, destination, payload, fault } = viewMessage(message, this.#flavour);
    if (kind === "heartbeat") return undefined;
    if (channel === "topology") {
      if (fault === undefined) knowledge.apply(payload, this.#flavour);
      return undefined;
    }
    const hash = createHash("sha256");
    // Names can be as long as a message.
    hash.update(JSON.stringify([kind, channel, source, destination]));
    return hash.update(payload).digest("base64");
  }
}

function textOf(message: Uint8Array, flavour: Flavour): string {
  const { kind, channel, source, destination, payload } = viewMessage(message, flavour);
  const to = destination === undefined ? "" : ` to ${shown(destination)}`;
  const text = describePayload(payload, 60).text;
  return `${kind} on ${shown(channel)} from ${shown(source)}${to}, ${payload.length} bytes${text === "" ? "" : `: ${escapeText(text)}`}`;
}

function shown(text: string | undefined): string {
  return text === undefined ? "undefined" : escapeText(text, 256);
}

function namesOf(knowledge: TopologyKnowledge): string[] {
  return knowledge.peers.map(({ name }) => name as string).sort();
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

function named(names: readonly string[]): string {
  const first = names.slice(0, maxNamedPeers).map(shown).join(", ");
  return names.length > maxNamedPeers ? `${first} and ${names.length - maxNamedPeers} more` : first;
}
