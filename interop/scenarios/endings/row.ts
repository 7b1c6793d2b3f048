import type { Flavour } from "../../driver/go-build.ts";
import type { DrivenPeer, MeshSpec, PeerSpec } from "../../runner/index.ts";
import type { FeatureChanges, Offender } from "./offender.ts";

/** What is the same for both victims of a row, and to be known by the offender. */
export interface Victim {
  readonly peer: DrivenPeer;
  /** Its UID, which the scenario has chosen. */
  readonly uid: bigint;
}

/** One bad ending: what the offender does, and what the victim says to that. */
export interface Row {
  readonly title: string;
  /** The flavour in which it can be done; default both. */
  readonly flavour?: Flavour;
  offend(offender: Offender, victim: Victim): Promise<void> | void;
  /** How the line about the end goes on after `due to error during handshake: ` or `due to error: `, in Go. */
  readonly says: string | RegExp;
  /** The same in TypeScript, where it is another by intention. */
  readonly weSay?: string | RegExp;
  /** All that the offender hears of TypeScript, where it is another than of Go by intention (docs/differences.md). */
  readonly weLetHear?: readonly string[];
  /** Both must take offence, or neither: then the end that follows is what they log. In which words is all the same. */
  readonly byVerdict?: boolean;
  /** How long the victim takes to end the connection, in seconds; default none. */
  readonly afterSeconds?: number;
  /** Further lines in the log of either victim, without address. */
  readonly also?: RegExp;
}

/** Victims that are started alike, and what is done to them. */
export interface Group {
  readonly mesh?: Pick<MeshSpec, "password">;
  readonly victims?: Pick<PeerSpec, "connectionLimit" | "minProtocol" | "counters">;
  readonly rows: readonly Row[];
}

/** The features by which an offender pretends to be its victim. */
export function disguise(victim: Victim, uid: bigint): FeatureChanges {
  return { Name: victim.peer.name, UID: String(uid), NickName: "twin" };
}
