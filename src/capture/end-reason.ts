import type { SessionSummary, SideSummary } from "./session-summary.ts";
import { commonVersion } from "./versions.ts";

/** A peer that hears nothing for so long ends the connection (connection.go, tcpHeartbeat and its deadline). */
const silenceMs = 60_000;

/**
 * Why a session ended. The protocol says no reasons: it is inferred from what was said, and from who ended the connection
 * when.
 */
export function endOfSession(summary: SessionSummary): string {
  const how = howItEnded(summary);
  const why = refusal(summary) ?? interruption(summary);
  return why === undefined ? how : `${how}: ${why}`;
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

/** What stood against the connection from the beginning. */
function refusal({ dialler, listener, differentKeys }: SessionSummary): string | undefined {
  if (dialler.range === undefined || listener.range === undefined) {
    if (dialler.range === undefined && listener.range === undefined) return undefined;
    return `the ${dialler.range === undefined ? "dialler" : "listener"} sent no header`;
  }
  if (commonVersion(dialler.range, listener.range) === undefined) {
    const show = (side: SideSummary) => `${side.range!.minVersion} to ${side.range!.maxVersion}`;
    return `no common protocol version (dialler ${show(dialler)}, listener ${show(listener)})`;
  }
  if (dialler.sealed !== undefined && listener.sealed !== undefined && dialler.sealed !== listener.sealed) {
    const [having, lacking] = dialler.sealed ? ["dialler", "listener"] : ["listener", "dialler"];
    return `the ${having} has a password and the ${lacking} has none`;
  }
  const lone = loneKey(dialler, listener);
  if (lone !== undefined) return lone;
  const silent = dialler.messages === 0 && listener.messages === 0;
  if (differentKeys) return "the two have different passwords";
  const ours = dialler.features;
  const theirs = listener.features;
  if (ours === undefined || theirs === undefined) {
    if (!silent || !dialler.sealed) return undefined;
    return "there is no message after the first sealed frames; as a rule, the passwords differ";
  }
  if (ours.get("PeerNameFlavour") !== theirs.get("PeerNameFlavour")) {
    return `peer name flavours differ (${ours.get("PeerNameFlavour")}, ${theirs.get("PeerNameFlavour")})`;
  }
  if (ours.get("Name") === theirs.get("Name")) {
    return ours.get("UID") === theirs.get("UID")
      ? "a peer has dialled itself"
      : `two peers have the name ${ours.get("Name")}`;
  }
  return undefined;
}

/** One side said whether it seals, and the other ended the connection at that, before its own word was seen. */
function loneKey(dialler: SideSummary, listener: SideSummary): string | undefined {
  const end = firstEnd(dialler, listener);
  if (dialler.features !== undefined || listener.features !== undefined || end?.sealed !== undefined)
    return undefined;
  const [ending, other] = end === dialler ? ["dialler", "listener"] : ["listener", "dialler"];
  const sealed = (end === dialler ? listener : dialler).sealed;
  if (end === undefined || sealed === undefined) return undefined;
  return sealed
    ? `the ${other} has a password and the ${ending} has none`
    : `the ${ending} has a password and the ${other} has none`;
}

/** What went wrong later on. */
function interruption({ dialler, listener }: SessionSummary): string | undefined {
  for (const [name, side] of [
    ["dialler", dialler],
    ["listener", listener],
  ] as const) {
    if (side.fault !== undefined) return `the ${name} sent a message that cannot be read (${side.fault})`;
  }
  const end = firstEnd(dialler, listener)?.end;
  if (end === undefined) return undefined;
  for (const [name, side] of [
    ["dialler", dialler],
    ["listener", listener],
  ] as const) {
    if (side.lastMessageAt !== undefined && end.at - side.lastMessageAt >= silenceMs - 100)
      return `the ${name} had been silent for ${Math.round((end.at - side.lastMessageAt) / 1000)} s`;
  }
  if (dialler.features !== undefined && dialler.messages + listener.messages === 0) {
    return "right after the handshake, as with a second connection between the same peers, or a full peer";
  }
  return undefined;
}
