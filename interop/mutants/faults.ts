/** A fault of one expression in the compiled package, and the cell of the suite that has to notice it. */
export interface Fault {
  name: string;
  /** The file in dist/. */
  file: string;
  /** An expression that stands in that file once, or `occurrence` (from 0) of several. */
  right: string;
  wrong: string;
  occurrence?: number;
  /** Arguments for interop/run.ts that choose the cell. */
  killedBy: readonly string[];
}

const goDials = ["--cast", "go-ts"];
const tsDials = ["--cast", "ts-go"];
const newer = ["--flavour", "mac", "--generation", "2019"];

/** At least one fault for each room that talks to other peers. */
export const faults: readonly Fault[] = [
  {
    name: "nonce bit of the dialler never set",
    file: "wire/message-number.js",
    right: "senderDialled ? 0xc0 : 0x40",
    wrong: "0x40",
    killedBy: ["--only", "^handshake v2-password", ...goDials, ...newer],
  },
  {
    name: "polarity of incoming messages turned round",
    file: "wire/opening.js",
    right: "!context.outbound",
    wrong: "context.outbound",
    killedBy: ["--only", "^handshake v1-password", ...tsDials, ...newer],
  },
  {
    name: "tie kept the wrong way round",
    file: "router/connection-table.js",
    right: "rival.uid < connection.uid",
    wrong: "rival.uid > connection.uid",
    killedBy: ["--only", "^tie", ...tsDials, ...newer],
  },
  {
    name: "version 1 sends every feature",
    file: "wire/features.js",
    right: "v1Features.has(name)",
    wrong: "true",
    killedBy: ["--only", "^handshake v1-plain", ...tsDials, ...newer],
  },
  {
    name: "rings of the broadcast search not sorted",
    file: "topology/graph.js",
    right: "sortRange(found, ringEnd, end)",
    wrong: "sortRange(found, ringEnd, end), found.subarray(ringEnd, end).reverse()",
    occurrence: 1,
    killedBy: ["--only", "^shapes diamonds", ...newer],
  },
  {
    name: "relayed gossip with another source",
    file: "gossip/channel.js",
    right: "encodeGossip(this.name, this.#peer.ourself.name, payload)",
    wrong: "encodeGossip(this.name, connection.remote.name, payload)",
    killedBy: ["--only", "^relay-bytes", ...goDials, ...newer],
  },
  {
    name: "surrogate passes repetitions on",
    file: "gossip/surrogate.js",
    right: "this.#seen.has(digest)",
    wrong: "false",
    killedBy: ["--only", "^relay-bytes", ...goDials, ...newer],
  },
  {
    name: "established flag lost in topology updates",
    file: "router/local-connection.js",
    right: "this.#established = true",
    wrong: "this.#established = false",
    killedBy: ["--only", "^handshake v2-plain", ...goDials, ...newer],
  },
  {
    name: "no placeholder for a peer that is only named",
    file: "topology/peers.js",
    right: "!this.#byName.has(name)",
    wrong: "false",
    killedBy: ["--only", "^rumours", ...goDials, ...newer],
  },
  {
    name: "version not bumped",
    file: "topology/local-peer.js",
    right: "BigInt.asUintN(64, this.version + 1n)",
    wrong: "this.version",
    killedBy: ["--only", "^lines", ...goDials, ...newer],
  },
  {
    name: "short ID kept when it is lost",
    file: "topology/peers.js",
    right: "displaced === this.ourself",
    wrong: "false",
    killedBy: ["--only", "^short-ids loses", "--cast", "ts-ts", ...newer],
  },
  {
    name: "news of an earlier life not told by its UID",
    file: "topology/peers.js",
    right: "described.uid !== known.uid && this.#canExceed",
    wrong: "described.uid === known.uid && this.#canExceed",
    killedBy: ["--only", "^rumours", ...goDials, ...newer],
  },
  {
    name: "retry interval never reset",
    file: "router/target.js",
    right: "this.#intervalMs = initialIntervalMs",
    wrong: "this.#intervalMs = this.#intervalMs",
    killedBy: ["--only", "^backoff", ...goDials, ...newer],
  },
  {
    name: "read deadline not renewed",
    file: "router/message-reader.js",
    right: "deadline.set(readTimeoutMs)",
    wrong: "undefined",
    occurrence: 1,
    killedBy: ["--only", "^quiet", ...goDials, ...newer],
  },
  {
    name: "relayed unicast encoded again",
    file: "gossip/channel.js",
    right: "this.#relay(connection, body, from)",
    wrong: "this.#relay(connection, encodeUnicast(this.name, source, destination, envelope.payload()), from)",
    occurrence: 1,
    killedBy: ["--only", "^relay-bytes", ...goDials, ...newer],
  },
  {
    name: "waiting data replaced by the last in place of merged",
    file: "gossip/piece.js",
    right: "this.#data.merge(data)",
    wrong: "data",
    killedBy: ["--only", "^bad-links crowded", ...tsDials, ...newer],
  },
];
