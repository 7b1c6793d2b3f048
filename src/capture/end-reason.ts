import { escapeText } from "../go-text/index.ts";
import { type RefusalReason, refusalTexts } from "../wire/index.ts";
import type { SessionSummary, SideSummary } from "./session-summary.ts";
import { commonVersion } from "./versions.ts";

/** A peer that hears nothing for so long ends the connection (connection.go, tcpHeartbeat and its deadline). */
const silenceMs = 60_000;

/** A likely reason for the end of a session. */
interface Reason {
  readonly reason: RefusalReason;
  /** Values that belong to the reason, for people. */
  readonly detail?: string;
}

/**
 * Returns why a session ended, in a sentence. The protocol sends no reasons: they are inferred from the messages, and from
 * the side that ended the connection and the time at which it did.
 */
export function endOfSession(summary: SessionSummary): string {
  const how = howItEnded(summary);
  const found = reasonOf(summary);
  if (found === undefined) {
    const fault = faultOf(summary);
    return fault === undefined ? how : `${how}: ${fault}`;
  }
  const { reason, detail } = found;
  return `${how}: ${refusalTexts[reason]}${detail === undefined ? "" : ` (${detail})`}`;
}

/** Returns the reason for which a session was refused, as a code; undefined if it ended otherwise. */
export function refusalOfSession(summary: SessionSummary): RefusalReason | undefined {
  return reasonOf(summary)?.reason;
}

function reasonOf(summary: SessionSummary): Reason | undefined {
  return refusal(summary) ?? (faultOf(summary) === undefined ? interruption(summary) : undefined);
}

function howItEnded({ dialler, listener }: SessionSummary): string {
  const first = firstEnd(dialler, listener);
  if (first === undefined) return "the recording ends before the session does";
  const who = first === dialler ? "the dialler" : "the listener";
  return first.end!.end === "reset" ? `${who} reset the connection` : `${who} closed the connection`;
}

/** The side that ended it, if one did. */
function firstEnd(dialler: SideSummary, listener: SideSummary): SideSummary | undefined {
  const ended = [dialler, listener].filter(({ end }) => end !== undefined && end.end !== "open");
  ended.sort((a, b) => a.end!.at - b.end!.at);
  // Who resets is the cause, whoever is seen to finish at the same time.
  return ended.find(({ end }) => end!.end === "reset" && end!.at === ended[0]!.end!.at) ?? ended[0];
}

/** The reason that stood against the connection from the beginning. */
function refusal({ dialler, listener, differentKeys }: SessionSummary): Reason | undefined {
  if (dialler.range === undefined || listener.range === undefined) {
    if (dialler.range === undefined && listener.range === undefined) return undefined;
    if (firstEnd(dialler, listener) === undefined) return undefined;
    const silent = dialler.range === undefined ? "dialler" : "listener";
    return { reason: "not-a-mesh-port", detail: `the ${silent} sent no header` };
  }
  if (commonVersion(dialler.range, listener.range) === undefined) {
    const show = (side: SideSummary) => `${side.range!.minVersion} to ${side.range!.maxVersion}`;
    const detail = `dialler ${show(dialler)}, listener ${show(listener)}`;
    return { reason: "no-common-version", detail };
  }
  if (dialler.sealed !== undefined && listener.sealed !== undefined && dialler.sealed !== listener.sealed) {
    return passwordOfOne(dialler, listener, dialler.sealed ? "dialler" : "listener");
  }
  const lone = loneKey(dialler, listener);
  if (lone !== undefined) return lone;
  const silent = dialler.messages === 0 && listener.messages === 0;
  if (differentKeys) return { reason: "wrong-password" };
  const ours = dialler.features;
  const theirs = listener.features;
  if (ours === undefined || theirs === undefined) {
    if (!silent || !dialler.sealed) return undefined;
    return { reason: "wrong-password", detail: "as a rule: no message follows the first sealed frames" };
  }
  const flavours = [ours, theirs].map((features) => features.get("PeerNameFlavour"));
  if (flavours[0] !== flavours[1]) {
    return {
      reason: "other-flavour",
      detail: flavours.map((flavour) => escapeText(`${flavour}`)).join(", "),
    };
  }
  if (ours.get("Name") === theirs.get("Name")) {
    if (ours.get("UID") === theirs.get("UID")) return { reason: "oneself" };
    return { reason: "name-taken", detail: escapeText(`${ours.get("Name")}`) };
  }
  return undefined;
}

/** One side said whether it seals, and the other ended the connection at that, before its own word was seen. */
function loneKey(dialler: SideSummary, listener: SideSummary): Reason | undefined {
  const end = firstEnd(dialler, listener);
  if (dialler.features !== undefined || listener.features !== undefined || end?.sealed !== undefined)
    return undefined;
  const [ending, other] =
    end === dialler ? (["dialler", "listener"] as const) : (["listener", "dialler"] as const);
  const sealed = (end === dialler ? listener : dialler).sealed;
  if (end === undefined || sealed === undefined) return undefined;
  return passwordOfOne(dialler, listener, sealed ? other : ending);
}

/** Only one side has a password. The reason is that of the side that ended the connection, the listener's if neither did. */
function passwordOfOne(dialler: SideSummary, listener: SideSummary, having: "dialler" | "listener"): Reason {
  const ending = firstEnd(dialler, listener) === dialler ? "dialler" : "listener";
  const reason = ending === having ? "password-missing" : "password-not-wanted";
  return { reason, detail: `the ${having} has one` };
}

/** The first message that cannot be read, which ends a connection. */
function faultOf({ dialler, listener }: SessionSummary): string | undefined {
  for (const [name, { fault }] of [
    ["dialler", dialler],
    ["listener", listener],
  ] as const) {
    if (fault !== undefined) return `the ${name} sent a message that cannot be read (${fault})`;
  }
  return undefined;
}

/** The reason for which the connection ended later on. */
function interruption({ dialler, listener }: SessionSummary): Reason | undefined {
  const end = firstEnd(dialler, listener)?.end;
  if (end === undefined) return undefined;
  for (const [name, side] of [
    ["dialler", dialler],
    ["listener", listener],
  ] as const) {
    if (side.lastMessageAt === undefined || end.at - side.lastMessageAt < silenceMs - 100) continue;
    const seconds = Math.round((end.at - side.lastMessageAt) / 1000);
    return { reason: "fell-silent", detail: `nothing from the ${name} for ${seconds} s` };
  }
  if (dialler.features !== undefined && dialler.messages + listener.messages === 0) {
    return { reason: "limit-or-duplicate", detail: "it ended right after the handshake" };
  }
  return undefined;
}
