import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { quoteAsGo } from "../go-text/index.ts";
import type { Flavour } from "../index.ts";
import { type HostPort, parseChoice, parseFlags, parseHostPort, parsePeer, parseWhole } from "./arguments.ts";
import { CliError, oneLine } from "./errors.ts";
import { isHostName } from "./host-names.ts";
import { type LogLevel, logLevels } from "./log.ts";

/** What `weave-mesh join` was asked to be. */
export interface JoinOptions {
  readonly mesh: HostPort;
  /** What becomes the peer name, as PeerName.fromUserInput takes it. */
  readonly hwaddr: string;
  readonly nickname: string;
  readonly peers: readonly string[];
  /** Undefined is plain; empty is sealed with an empty secret. */
  readonly password: Uint8Array | undefined;
  readonly channel: string;
  readonly flavour: Flavour;
  readonly connectionLimit: number;
  readonly peerDiscovery: boolean;
  readonly trustedSubnets: readonly string[];
  readonly protocolMinVersion: 1 | 2;
  readonly protocolMaxVersion: 1 | 2;
  readonly gossipIntervalMs: number;
  readonly http: HostPort | undefined;
  /** Further host names under which the status is served. */
  readonly httpHosts: readonly string[];
  readonly logLevel: LogLevel;
  /** Folder for recordings of all connections. */
  readonly record: string | undefined;
  /** File for session keys; undefined leaves it to the environment. */
  readonly keylog: string | undefined;
}

export const joinHelp = `Usage: weave-mesh join [FLAG…]

Be a peer in a mesh. Follows one channel and relays on it as a peer that does not know it would. Flags may be
written with one dash or two; those that the original's example has bear its names and defaults.

  --mesh HOST:PORT           listen and dial from here (default 0.0.0.0:6783); an empty host is all addresses
  --hwaddr NAME              peer name: a MAC address, or with --flavour hash anything, which is hashed
                             (default the MAC address of the first network interface)
  --nickname TEXT            peer nickname (default the host name)
  --peer HOST[:PORT]         a peer to connect to; may be repeated. Without a port: the port of --mesh. IPv6 with a
                             port needs brackets: [HOST]:PORT
  --password TEXT            seal all connections with this secret; "" seals with an empty secret, which is what
                             the original's example does by default. Without it connections are plain
  --password-file FILE       the same, read from a file, without the line end at its end
  --channel TEXT             gossip channel to follow (default "default")
  --flavour mac|hash         kind of peer names; all peers of a mesh have the same (default mac)
  --conn-limit N             most connections, 0 for no limit (default 64)
  --no-discovery             connect to the peers given with --peer only
  --trusted-subnets CIDR,…   networks in which an overlay need not encrypt
  --min-protocol 1|2         lowest protocol version to speak (default 1)
  --max-protocol 1|2         highest protocol version to speak (default 2)
  --gossip-interval SECONDS  time between exchanges of everything known, 0 for never (default 30)
  --http HOST:PORT           serve this peer's status as JSON at GET /status. A request must name an IP address,
                             localhost or HOST
  --http-host NAME           or this host name; may be repeated. Others get 421, as web pages could read the answer
  --record DIR               write each connection's conversation, opened, to a session file in this folder, to be
                             read with weave-mesh inspect
  --keylog FILE              append the session key of each sealed connection to this file (default: the file that
                             the environment variable WEAVE_MESH_KEYLOG names; none)
  --log-level LEVEL          debug, info, warn, error or silent (default info). The lines of the original are info

Standard output has one JSON object on each line:
  {"event":"ready","name":…,"nickname":…,"channel":…,"mesh":"HOST:PORT","http":"HOST:PORT"}
  {"event":"unicast"|"broadcast","channel":…,"source":…,"text":…}
  {"event":"gossip","channel":…,"text":…}
A payload that is not UTF-8 comes as "base64" in place of "text". Gossip that repeats recent gossip is left out.

Standard input takes one command on each line; its end does not end the process:
  unicast PEER TEXT          send the rest of the line to one peer
  broadcast TEXT             send the rest of the line to all peers

Leaves the mesh and exits with status 0 on SIGINT, SIGTERM or SIGHUP. A second signal does not wait for the leaving.
`;

const flags = {
  mesh: { type: "string", default: "0.0.0.0:6783" },
  hwaddr: { type: "string" },
  nickname: { type: "string" },
  peer: { type: "string", multiple: true },
  password: { type: "string" },
  "password-file": { type: "string" },
  channel: { type: "string", default: "default" },
  flavour: { type: "string", default: "mac" },
  "conn-limit": { type: "string", default: "64" },
  "no-discovery": { type: "boolean" },
  "trusted-subnets": { type: "string", default: "" },
  "min-protocol": { type: "string", default: "1" },
  "max-protocol": { type: "string", default: "2" },
  "gossip-interval": { type: "string", default: "30" },
  http: { type: "string" },
  "http-host": { type: "string", multiple: true },
  record: { type: "string" },
  keylog: { type: "string" },
  "log-level": { type: "string", default: "info" },
} as const;

/**
 * Parses the flags of `weave-mesh join`. Reads the password file; nothing else is touched.
 *
 * @throws CliError `usage`; `failed` if the password file cannot be read or the machine has no MAC address to take.
 */
export function parseJoinOptions(args: readonly string[]): JoinOptions {
  const { values } = parseFlags(args, flags);
  const protocolMinVersion = Number(parseChoice("--min-protocol", values["min-protocol"], ["1", "2"])) as
    | 1
    | 2;
  const protocolMaxVersion = Number(parseChoice("--max-protocol", values["max-protocol"], ["1", "2"])) as
    | 1
    | 2;
  if (protocolMinVersion > protocolMaxVersion) {
    throw new CliError("usage", "--min-protocol is above --max-protocol");
  }
  if (values.channel === "topology") {
    throw new CliError(
      "usage",
      "--channel: topology is the channel by which peers tell each other about the mesh",
    );
  }
  return {
    mesh: parseHostPort("--mesh", values.mesh),
    hwaddr: values.hwaddr ?? firstHardwareAddress(),
    nickname: values.nickname ?? hostname(),
    peers: [...new Set((values.peer ?? []).map((peer) => parsePeer("--peer", peer)))],
    password: password(values.password, values["password-file"]),
    channel: values.channel,
    flavour: parseChoice("--flavour", values.flavour, ["mac", "hash"]),
    connectionLimit: parseWhole("--conn-limit", values["conn-limit"], 0, Number.MAX_SAFE_INTEGER),
    peerDiscovery: values["no-discovery"] !== true,
    trustedSubnets: values["trusted-subnets"]
      .split(",")
      .map((subnet) => subnet.trim())
      .filter((subnet) => subnet !== ""),
    protocolMinVersion,
    protocolMaxVersion,
    gossipIntervalMs: seconds("--gossip-interval", values["gossip-interval"]) * 1000,
    http: values.http === undefined ? undefined : parseHostPort("--http", values.http),
    httpHosts: httpHosts(values["http-host"] ?? [], values.http !== undefined),
    record: values.record,
    keylog: values.keylog,
    logLevel: parseChoice("--log-level", values["log-level"], logLevels),
  };
}

function httpHosts(names: readonly string[], served: boolean): readonly string[] {
  if (names.length > 0 && !served) throw new CliError("usage", "--http-host needs --http HOST:PORT");
  for (const name of names) {
    if (!isHostName(name)) {
      throw new CliError("usage", `--http-host: ${quoteAsGo(name)} is not a host name (without a port)`);
    }
  }
  return names;
}

function password(text: string | undefined, file: string | undefined): Uint8Array | undefined {
  if (text !== undefined && file !== undefined) {
    throw new CliError("usage", "--password and --password-file exclude each other");
  }
  if (file === undefined) return text === undefined ? undefined : new TextEncoder().encode(text);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new CliError("failed", `--password-file: ${oneLine(error)}`, { cause: error });
  }
  if (bytes.at(-1) === 0x0a) bytes = bytes.subarray(0, -1);
  if (bytes.at(-1) === 0x0d) bytes = bytes.subarray(0, -1);
  return Uint8Array.from(bytes);
}

/** At most a day, which a timer can still wait for. */
function seconds(flag: string, text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > 86_400) {
    throw new CliError(
      "usage",
      `${flag}: ${JSON.stringify(text)} is not a number of seconds from 0 to 86400`,
    );
  }
  return value;
}

/** The MAC address of the first network interface that has one, as the original's example takes by default. */
function firstHardwareAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    const mac = addresses?.find((address) => address.mac !== "00:00:00:00:00:00")?.mac;
    if (mac !== undefined) return mac;
  }
  throw new CliError("failed", "no network interface has a MAC address; give a name with --hwaddr");
}
