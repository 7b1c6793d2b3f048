import { escapeText, lineLimit } from "../go-text/index.ts";
import { describePayload } from "./payload-text.ts";
import { otherSide, type SessionHeader, type Side } from "./session-file.ts";
import type { Entry, SessionInspector } from "./session-inspector.ts";
import type { ChannelTraffic } from "./session-summary.ts";
import { encodeHex } from "./text.ts";
import { commonVersion } from "./versions.ts";

/** The options of a narrator. */
export interface NarratorOptions {
  /** Escape sequences for a terminal. Default false. */
  readonly colour?: boolean;
  /** About how many characters of a payload are shown. Default 160. */
  readonly payloadWidth?: number;
  /** Goes before each line: which session it is, when several are read together. */
  readonly prefix?: string;
}

const styles = { dialler: "36", listener: "33", kind: "1", news: "32", damage: "31", dim: "2" } as const;
type Style = keyof typeof styles;

const arrows: Readonly<Record<Side, string>> = { dialler: "->", listener: "<-" };
const kindWidth = 9;
/** The most lines of news of one topology update. */
const maxNews = 1000;
/** The most peers of a summary, and the most connections of one of them in JSON, that are listed. */
export const maxListedPeers = 10_000;
export const maxListedConnections = 100;

/**
 * Writes a session as a conversation for a person: a paragraph for each message and event.
 *
 * Safe on a terminal: texts out of the recording are escaped and cut at 1 KiB each, lists at about 4 KiB, the news of a
 * topology update at 1,000 lines. A paragraph's length does not depend on the size of its message in another way.
 */
export class Narrator {
  readonly #inspector: SessionInspector;
  readonly #colour: boolean;
  readonly #width: number;
  readonly #prefix: string;
  readonly #startedAt: number;

  constructor(inspector: SessionInspector, options: NarratorOptions = {}) {
    this.#inspector = inspector;
    this.#colour = options.colour ?? false;
    this.#width = options.payloadWidth ?? 160;
    this.#prefix = options.prefix ?? "";
    this.#startedAt = Date.parse(inspector.header.started);
  }

  /** Returns the lines above a session. */
  opening(): string {
    const { header } = this.#inspector;
    const lines = [
      `session  ${sideName(header, "dialler")} -> ${sideName(header, "listener")}  ${escapeText(header.started)}`,
    ];
    if (header.title !== undefined) lines.push(`         ${escapeText(header.title)}`);
    for (const [name, value] of Object.entries(header.made ?? {})) {
      lines.push(this.#style("dim", `         ${escapeText(name)}: ${escapeText(String(value))}`));
    }
    return this.#lines(lines);
  }

  /** Returns an entry as lines, each with a line end. */
  entry(entry: Entry): string {
    const { item, view, difference } = entry;
    switch (item.kind) {
      case "header": {
        const { dialler, listener } = this.#inspector.summary;
        const both = dialler.range !== undefined && listener.range !== undefined;
        const version = both ? commonVersion(dialler.range!, listener.range!) : undefined;
        const outcome = !both
          ? ""
          : version === undefined
            ? "; no common version"
            : `; they speak version ${version}`;
        const range =
          item.minVersion === item.maxVersion
            ? `version ${item.minVersion} only`
            : `versions ${item.minVersion} to ${item.maxVersion}`;
        return this.#paragraph(entry, "header", range + outcome);
      }
      case "key":
        return this.#paragraph(
          entry,
          "key",
          item.publicKey === undefined ? "not sealed" : `sealed, public key ${encodeHex(item.publicKey)}`,
        );
      case "features":
        return this.#paragraph(
          entry,
          "features",
          firstOf(featureTexts(item.features), item.features.size, "  "),
        );
      case "sealed": {
        const what = item.number === 0 ? "features" : `message ${item.number}`;
        const why = item.broken ? "the key that opened the others does not open it" : "no key for it";
        return this.#paragraph(
          entry,
          "sealed",
          `${what}, ${item.bytes.length} bytes: ${why}`,
          [],
          item.broken ? "damage" : "dim",
        );
      }
      case "damage":
        return this.#paragraph(
          entry,
          "damage",
          `at offset ${item.offset}: ${escapeText(item.reason)}`,
          [],
          "damage",
        );
      case "note":
        return this.#paragraph(entry, "note", escapeText(item.text), [], "damage");
      case "end": {
        const what = { fin: "has finished", reset: "resets the connection", open: "the recording ends" };
        return this.#paragraph(entry, "end", what[item.end], [], "dim");
      }
      case "message": {
        const { label } = this.#names;
        const { channel = "", source = "", destination = "", payload, fault, trailingBytes } = view!;
        const size = `${payload.length} ${payload.length === 1 ? "byte" : "bytes"}`;
        if (fault !== undefined)
          return this.#paragraph(
            entry,
            view!.kind,
            `${escapeText(channel)} cannot be read: ${escapeText(fault)}`,
            [],
            "damage",
          );
        if (channel === "") {
          const tag =
            view!.kind === "unknown" || view!.kind === "overlay control" ? `tag ${view!.tag}, ` : "";
          return this.#paragraph(
            entry,
            view!.kind,
            payload.length === 0 ? tag.slice(0, -2) : `${tag}${size}: ${this.#payload(payload)}`,
          );
        }
        const to = view!.kind === "unicast" ? ` to ${label(destination)}` : "";
        const extra = trailingBytes > 0 ? `, and ${trailingBytes} bytes after it` : "";
        const head = `${escapeText(channel)}  from ${label(source)}${to}, ${size}${extra}`;
        if (difference === undefined)
          return this.#paragraph(
            entry,
            view!.kind,
            `${head}${payload.length === 0 ? "" : `: ${this.#payload(payload)}`}`,
          );
        if (difference.fault !== undefined)
          return this.#paragraph(entry, view!.kind, `${head}: ${escapeText(difference.fault)}`, [], "damage");
        const { described, repeated, news } = difference;
        const peers = `${described} ${described === 1 ? "peer" : "peers"}`;
        return this.#paragraph(
          entry,
          view!.kind,
          `${head}: ${peers}${repeated === 0 ? "" : repeated === described ? ", nothing new" : `, ${repeated} known`}`,
          news,
        );
      }
    }
  }

  /** Returns the summary of a session. Call it after the inspector's `finish`. */
  closing(): string {
    const { header, knowledge, summary, protocol, flavour } = this.#inspector;
    const lines = [this.#style("kind", "summary")];
    const chosen = protocol === undefined ? "no version agreed" : `version ${protocol}`;
    const sealing = summary.dialler.sealed && summary.listener.sealed ? "sealed" : "plain";
    lines.push(`  protocol   ${chosen}, ${sealing}, names of flavour ${flavour}`);
    for (const side of ["dialler", "listener"] as const) {
      const { bytes, messages, sealedMessages, features } = summary.of(side);
      const name =
        features === undefined
          ? "not known"
          : `${escapeText(`${features.get("Name")}`)}(${escapeText(`${features.get("NickName")}`)})`;
      const unread = sealedMessages === 0 ? "" : `, ${sealedMessages} frames that no key opens`;
      const address = escapeText(`${header[side].address ?? ""}`);
      lines.push(`  ${side.padEnd(9)}  ${name} ${address}  ${messages} messages, ${bytes} bytes${unread}`);
    }
    for (const traffic of summary.channels) lines.push(`  ${trafficLine(traffic)}`);
    const { topology } = summary;
    if (topology.updates > 0) {
      const share = Math.round((100 * topology.repeatedDescriptions) / Math.max(1, topology.descriptions));
      lines.push(
        `  topology   ${topology.repeatedUpdates} of ${topology.updates} updates said nothing new ` +
          `(${topology.repeatedBytes} of ${topology.updateBytes} bytes); ` +
          `${topology.repeatedDescriptions} of ${topology.descriptions} descriptions of peers were known (${share} %)`,
      );
    }
    if (summary.notes > 0) lines.push(this.#style("damage", `  notes      ${summary.notes} of the recorder`));
    if (summary.damage > 0) lines.push(this.#style("damage", `  damage     at ${summary.damage} places`));
    const peers = [...summary.peers].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const peer of peers.slice(0, maxListedPeers)) {
      const dialled = peer.connections
        .filter(({ outbound }) => outbound)
        .map(({ name }) => name)
        .sort();
      const text = dialled.length === 0 ? "nobody" : firstOf(this.#labels(dialled), dialled.length, ", ");
      lines.push(
        `  peer       ${this.#known(peer.name)}  version ${peer.version}, ${peer.connections.length} connections, dialled ${text}`,
      );
    }
    if (peers.length > maxListedPeers) lines.push(`  peer       ${peers.length - maxListedPeers} more`);
    if (knowledge.unremembered > 0)
      lines.push(`  peer       ${knowledge.unremembered} descriptions were not remembered: too many peers`);
    lines.push(`  end        ${escapeText(summary.reason)}`);
    return this.#lines(lines);
  }

  get #names(): { readonly label: (name: string) => string } {
    const { summary } = this.#inspector;
    return {
      label: (name) => {
        for (const side of [summary.dialler, summary.listener]) {
          const nickName = side.features?.get("NickName");
          if (side.features?.get("Name") === name && nickName)
            return `${escapeText(name)}(${escapeText(nickName)})`;
        }
        return this.#known(name);
      },
    };
  }

  /** A name with the nickname that topology updates told. */
  #known(name: string): string {
    return escapeText(this.#inspector.knowledge.label(name));
  }

  *#labels(names: Iterable<string>): Generator<string, void, undefined> {
    for (const name of names) yield this.#known(name);
  }

  #payload(payload: Uint8Array): string {
    const { as, text } = describePayload(payload, this.#width);
    return as === "hex" ? `hex ${text}` : as === "gob" ? `gob ${text}` : text;
  }

  #paragraph(
    { item }: Entry,
    kind: string,
    text: string,
    news: readonly string[] = [],
    style?: Style,
  ): string {
    const seconds = Math.max(0, (item.at - this.#startedAt) / 1000).toFixed(3);
    const line =
      `${seconds.padStart(9)}  ${this.#style(item.from, arrows[item.from])}  ` +
      `${this.#style(style ?? "kind", kind.padEnd(kindWidth))}  ${style === undefined ? text : this.#style(style, text)}`;
    const indent = " ".repeat(15 + kindWidth + 2);
    const shown = news
      .slice(0, maxNews)
      .map((text) => indent + this.#style("news", escapeText(text, lineLimit)));
    if (news.length > maxNews) shown.push(`${indent}and ${news.length - maxNews} more`);
    return this.#lines([line, ...shown]);
  }

  #lines(lines: readonly string[]): string {
    return lines.map((line) => `${this.#prefix}${line.trimEnd()}\n`).join("");
  }

  #style(style: Style, text: string): string {
    return this.#colour ? `\x1b[${styles[style]}m${text}\x1b[0m` : text;
  }
}

/** A side's address, or what stands for it. */
function sideName(header: SessionHeader, side: Side): string {
  const { address } = header[side];
  if (address !== undefined) return escapeText(String(address));
  return header[otherSide(side)].address === undefined ? side : `the ${side}`;
}

function* featureTexts(features: Iterable<readonly [string, string]>): Generator<string, void, undefined> {
  for (const [name, value] of features) yield `${escapeText(name)}=${escapeText(value)}`;
}

function trafficLine({ kind, channel, messages, payloadBytes }: ChannelTraffic): string {
  const what = channel === "" ? kind : `${kind} on ${escapeText(channel)}`;
  const count = `${messages} ${messages === 1 ? "message" : "messages"}`;
  return `traffic    ${what}: ${count}${payloadBytes === 0 ? "" : `, ${payloadBytes} bytes of payload`}`;
}

/** The first texts of a list, as many as fit a line of a log, and the number of the others. */
function firstOf(texts: Iterable<string>, count: number, separator: string): string {
  const shown: string[] = [];
  let length = 0;
  for (const text of texts) {
    shown.push(text);
    length += text.length + separator.length;
    if (length > lineLimit) break;
  }
  const others = count - shown.length;
  return shown.join(separator) + (others > 0 ? `${separator}and ${others} more` : "");
}
