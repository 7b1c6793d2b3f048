import { parseArgs } from "node:util";

/** The command line of the TypeScript peer; the flags are described in interop/README.md. */
export interface PeerOptions {
  host: string;
  port: number;
  hwaddr: string;
  nickname: string;
  flavour: "mac" | "hash";
  /** `undefined` when the flag was not given. */
  password: string | undefined;
  control: { host: string; port: number };
  connectionLimit: number;
  discovery: boolean;
  trustedSubnets: string[];
  minProtocol: 1 | 2;
  maxProtocol: 1 | 2;
  /** `undefined`: the library's default. */
  gossipIntervalMs: number | undefined;
  uid: bigint | undefined;
  /** What it counts under; its name when `undefined`. */
  counterKey: string | undefined;
  /** The short ID to start with; random when `undefined`. */
  shortId: number | undefined;
  peers: string[];
  channels: string[];
  counters: string[];
  /** The file for all plain conversation; none when `undefined`. */
  frames: string | undefined;
}

/** @throws TypeError for an unknown flag. */
export function parseOptions(args: string[]): PeerOptions {
  const { values } = parseArgs({
    args,
    options: {
      mesh: { type: "string", default: "0.0.0.0:6783" },
      hwaddr: { type: "string", default: "" },
      nickname: { type: "string", default: "ts" },
      flavour: { type: "string", default: "mac" },
      password: { type: "string" },
      control: { type: "string", default: "127.0.0.1:0" },
      "conn-limit": { type: "string", default: "64" },
      "no-discovery": { type: "boolean", default: false },
      "trusted-subnets": { type: "string", default: "" },
      "min-protocol": { type: "string", default: "1" },
      "max-protocol": { type: "string", default: "2" },
      "gossip-interval": { type: "string" },
      uid: { type: "string" },
      "counter-key": { type: "string" },
      "short-id": { type: "string" },
      peer: { type: "string", multiple: true, default: [] },
      channel: { type: "string", multiple: true, default: [] },
      counter: { type: "string", multiple: true, default: [] },
      frames: { type: "string" },
    },
  });
  const interval = values["gossip-interval"];
  return {
    ...splitAddress(values.mesh),
    hwaddr: values.hwaddr,
    nickname: values.nickname,
    flavour: values.flavour === "hash" ? "hash" : "mac",
    password: values.password,
    control: splitAddress(values.control),
    connectionLimit: Number(values["conn-limit"]),
    discovery: !values["no-discovery"],
    trustedSubnets: values["trusted-subnets"].split(",").filter((subnet) => subnet !== ""),
    minProtocol: values["min-protocol"] === "2" ? 2 : 1,
    maxProtocol: values["max-protocol"] === "1" ? 1 : 2,
    gossipIntervalMs: interval === undefined ? undefined : Number(interval) * 1000,
    uid: values.uid === undefined ? undefined : BigInt(values.uid),
    counterKey: values["counter-key"],
    shortId: values["short-id"] === undefined ? undefined : Number(values["short-id"]),
    peers: values.peer,
    channels: values.channel,
    counters: values.counter,
    frames: values.frames,
  };
}

function splitAddress(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
}
