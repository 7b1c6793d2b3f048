import { hostname } from "node:os";
import { type Flavour, PeerName } from "../peer-name.ts";
import {
  type Clock,
  type Random,
  systemClock,
  systemRandom,
  type Transport,
  tcpTransport,
} from "../transport/index.ts";
import { protocolMaxVersion, protocolMinVersion } from "../wire/index.ts";
import { RouterError } from "./errors.ts";
import type { FrameTap } from "./frame-tap.ts";
import { escapingLogger, type Logger, silentLogger } from "./logger.ts";
import { nullOverlay, type Overlay } from "./overlay.ts";
import { defaultGossipIntervalMs } from "./timing.ts";
import { TrustedSubnets } from "./trusted-subnets.ts";

/** The port of the original (router.go, Port). */
export const defaultPort = 6783;

/** How a router is made; the original's Config and the arguments of NewRouter (router.go). */
export interface RouterOptions {
  /** Our name, unique in the mesh. */
  name: PeerName;
  /** A name for people. Default: the machine's host name. */
  nickname?: string;
  /** How the mesh's peers are named; all must agree. Default: the flavour of `name`. */
  flavour?: Flavour;
  /** The address to listen on, and to dial from. Default: `""`, all addresses. */
  host?: string;
  /** The port to listen on, also tried at peers whose port is unknown. 0 takes any free one. Default: 6783. */
  port?: number;
  /**
   * The mesh's password. `undefined` (the default) is none: connections are plain. An empty one is a password, too:
   * connections are sealed with an empty secret. With several, all are accepted and the first is used to dial.
   */
  password?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** The most connections we hold, each way; 0 is no limit. Default: 0. */
  connectionLimit?: number;
  /** Whether to connect to all peers we hear of. Default: true. */
  peerDiscovery?: boolean;
  /** Subnets (`10.0.0.0/8`, `fd00::/8`) to whose peers an overlay may talk in plain. Default: none. */
  trustedSubnets?: readonly string[];
  /** The lowest protocol version we speak, 1 or 2. Default: 1. */
  protocolMinVersion?: number;
  /** The highest protocol version we speak, 1 or 2. Default: 2. */
  protocolMaxVersion?: number;
  /** How often each channel tells random neighbours all it knows, in milliseconds; 0 or less is never. Default: 30,000. */
  gossipIntervalMs?: number;
  /** Our unique identifier in this life, not 0. Default: a random one. */
  uid?: bigint;
  /** Default: silence. */
  logger?: Logger;
  /** Default: an overlay that does nothing. */
  overlay?: Overlay;
  /** Stops the router when aborted. */
  signal?: AbortSignal;
  /** Default: TCP. */
  transport?: Transport;
  /** Default: the machine's time. */
  clock?: Clock;
  /** Default: the system's. */
  random?: Random;
  /** Sees all plain frames of both directions. */
  onFrame?: FrameTap;
}

/** Options with every default filled in. */
export interface RouterSettings {
  readonly name: PeerName;
  readonly nickname: string;
  readonly flavour: Flavour;
  readonly host: string;
  readonly port: number;
  readonly password: Uint8Array | readonly Uint8Array[] | undefined;
  readonly connectionLimit: number;
  readonly peerDiscovery: boolean;
  readonly trustedSubnets: TrustedSubnets;
  readonly protocolMinVersion: number;
  readonly protocolMaxVersion: number;
  readonly gossipIntervalMs: number;
  readonly uid: bigint;
  readonly logger: Logger;
  /** Whether nobody reads the log, so that lines need not be composed. */
  readonly silent: boolean;
  readonly overlay: Overlay;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFrame: FrameTap | undefined;
}

/** Checks options and fills in defaults. @throws RouterError `invalid-option` naming the option and the value. */
export function settingsOf(options: RouterOptions): RouterSettings {
  const random = options.random ?? systemRandom;
  const flavour = options.flavour ?? PeerName.flavourOf(options.name);
  const settings: RouterSettings = {
    name: options.name,
    nickname: options.nickname ?? hostname(),
    flavour,
    host: options.host ?? "",
    port: options.port ?? defaultPort,
    password: passwordBytes(options.password),
    connectionLimit: options.connectionLimit ?? 0,
    peerDiscovery: options.peerDiscovery ?? true,
    trustedSubnets: new TrustedSubnets(options.trustedSubnets ?? []),
    protocolMinVersion: options.protocolMinVersion ?? protocolMinVersion,
    protocolMaxVersion: options.protocolMaxVersion ?? protocolMaxVersion,
    gossipIntervalMs: options.gossipIntervalMs ?? defaultGossipIntervalMs,
    uid: options.uid ?? randomUid(random),
    logger: options.logger === undefined ? silentLogger : escapingLogger(options.logger),
    silent: options.logger === undefined,
    overlay: options.overlay ?? nullOverlay,
    transport: options.transport ?? tcpTransport,
    clock: options.clock ?? systemClock,
    random,
    onFrame: options.onFrame,
  };
  validate(settings);
  return settings;
}

function validate(settings: RouterSettings): void {
  const check = (valid: boolean, option: string, value: unknown, expected: string): void => {
    if (!valid)
      throw new RouterError("invalid-option", `${option} is ${String(value)}, should be ${expected}`);
  };
  const whole = (value: number, from: number, to: number): boolean =>
    Number.isInteger(value) && value >= from && value <= to;
  const { name, flavour, port, connectionLimit, uid } = settings;
  check(PeerName.flavourOf(name) === flavour, "name", JSON.stringify(name), `a name of flavour ${flavour}`);
  check(
    name !== PeerName.unknown(flavour),
    "name",
    JSON.stringify(name),
    "a name that is not the unknown one",
  );
  check(whole(port, 0, 65_535), "port", port, "0 to 65535");
  check(whole(connectionLimit, 0, Number.MAX_SAFE_INTEGER), "connectionLimit", connectionLimit, "0 or more");
  const { protocolMinVersion: min, protocolMaxVersion: max } = settings;
  check(whole(max, protocolMinVersion, protocolMaxVersion), "protocolMaxVersion", max, "1 or 2");
  check(whole(min, protocolMinVersion, max), "protocolMinVersion", min, `1 to ${max}`);
  check(uid > 0n && uid < 1n << 64n, "uid", uid, "1 to 2^64-1");
  check(!Number.isNaN(settings.gossipIntervalMs), "gossipIntervalMs", settings.gossipIntervalMs, "a number");
}

function passwordBytes(password: RouterOptions["password"]): RouterSettings["password"] {
  const bytes = (one: string | Uint8Array): Uint8Array =>
    typeof one === "string" ? new TextEncoder().encode(one) : one;
  if (password === undefined) return undefined;
  if (typeof password === "string" || password instanceof Uint8Array) return bytes(password);
  if (password.length === 0) throw new RouterError("invalid-option", "password is an empty list");
  return password.map(bytes);
}

/** A random 64-bit number other than 0, which stands for a peer that is only known by name. */
export function randomUid(random: Random): bigint {
  for (;;) {
    const uid = random64(random);
    if (uid !== 0n) return uid;
  }
}

/** A random 64-bit number. */
export function random64(random: Random): bigint {
  const bytes = random.bytes(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}
