import { isIPv4 } from "node:net";
import { isLoopback, isWildcard, type SocketAddress } from "./address.ts";
import type { Clock } from "./clock.ts";
import { abortedError, dialError, listenError, type TransportError } from "./errors.ts";
import { MemoryHost, MemoryNames, requireIp } from "./memory-host.ts";
import { Line, type LinkOptions, MemoryLink } from "./memory-link.ts";
import { MemoryPipe, type PipeSettings } from "./memory-pipe.ts";
import { MemorySocket } from "./memory-socket.ts";
import type { Random } from "./random.ts";
import { servicePort } from "./service-port.ts";
import type { DialOptions, Socket, Transport } from "./transport.ts";

export interface MemoryNetworkOptions {
  /** Everything happens on its time. */
  readonly clock: Clock;
  /** Cuts what is received into chunks. */
  readonly random: Random;
  /** Every link, until it is given its own. Default: no latency, unlimited bandwidth. */
  readonly link?: LinkOptions;
  /** What each host can send to all others together, in bytes per second, first come, first served. Default unlimited. */
  readonly hostBytesPerSecond?: number;
  /** Whether received bytes are cut and joined by chance, as a network does, or come as they were written. Default true. */
  readonly splitChunks?: boolean;
  /** Bytes that wait in a socket before `write` returns false. Default 128 KiB. */
  readonly highWaterMarkBytes?: number;
  /**
   * Bytes per direction of a connection that the network and the receiver hold, as the buffers of an operating system
   * do, before they stay with the sender. Default 256 KiB.
   */
  readonly windowBytes?: number;
  /**
   * The largest piece that is sent at once on a line with limited bandwidth, so that much arrives as a trickle, in bytes.
   * Default 16 KiB.
   */
  readonly segmentBytes?: number;
  /** The largest piece that a receiver gets at once, in bytes. Default 64 KiB, as in Node's own reads. */
  readonly readBytes?: number;
  /** Makes the memory of what is on its way, which its receiver then owns. Default `new Uint8Array(length)`. */
  readonly allocate?: (length: number) => Uint8Array;
  /** After how long dialling an address that does not answer fails. Default 127 s, as in Linux. */
  readonly connectTimeoutMs?: number;
}

/** What a host has had to do with its network. */
export interface MemoryTraffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly openSockets: number;
}

/**
 * A network of hosts in this process, with delays, limits and faults. With a {@link VirtualClock} and a seeded
 * {@link Random}, a run is the same each time, to the byte and the millisecond.
 */
export class MemoryNetwork {
  private readonly clock: Clock;
  private readonly settings: PipeSettings;
  private readonly linkDefaults: LinkOptions;
  private readonly hostBytesPerSecond: number;
  private readonly highWaterMarkBytes: number;
  private readonly connectTimeoutMs: number;
  private readonly hosts = new Map<string, MemoryHost>();
  private readonly links = new Map<MemoryHost, Map<MemoryHost, MemoryLink>>();
  private readonly names = new MemoryNames();

  constructor(options: MemoryNetworkOptions) {
    this.clock = options.clock;
    this.linkDefaults = options.link ?? {};
    this.hostBytesPerSecond = options.hostBytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.highWaterMarkBytes = options.highWaterMarkBytes ?? 128 * 1024;
    this.connectTimeoutMs = options.connectTimeoutMs ?? 127_000;
    this.settings = {
      clock: options.clock,
      chunkRandom: options.splitChunks === false ? undefined : options.random,
      windowBytes: options.windowBytes ?? 256 * 1024,
      segmentBytes: options.segmentBytes ?? 16 * 1024,
      readBytes: options.readBytes ?? 64 * 1024,
      allocate: options.allocate ?? ((length) => new Uint8Array(length)),
    };
  }

  /**
   * The transport as seen from the host with this address, which comes into being if it is new. Further addresses are
   * added to it: `host("10.0.0.1", "fd00::1")`. Each host has its own 127.0.0.0/8 and ::1, too.
   */
  host(address: string, ...more: string[]): Transport {
    const host = this.hostOf(requireIp(address));
    for (const further of more.map(requireIp)) {
      host.addresses.add(further);
      this.hosts.set(further, host);
    }
    const life = host.life;
    return {
      listen: async (options, accept) => {
        const at = options.host === "" ? "" : this.names.resolve(options.host)[0]!;
        if (host.life !== life) throw listenError(at, options.port, "ENETDOWN");
        return host.listen(at, options.port, accept);
      },
      dial: (options) => this.dial(host, life, options),
      resolve: async (name) => this.names.resolve(name),
      resolvePort: servicePort,
    };
  }

  /** Gives a name to addresses, in place of those it had; without addresses it is unknown again. */
  setName(name: string, ...addresses: string[]): void {
    this.names.set(name, addresses);
  }

  /** Sets what the link from `a` to `b` is like, and the one back; existing connections notice at once. */
  link(a: string, b: string, there: LinkOptions, back: LinkOptions = there): void {
    const [hostA, hostB] = [this.hostOf(requireIp(a)), this.hostOf(requireIp(b))];
    this.linkBetween(hostA, hostB).configure(there);
    this.linkBetween(hostB, hostA).configure(back);
  }

  /**
   * Nothing gets through between `a` and `b` any more, in either direction, and nobody is told: connections stall and
   * dialling hangs. Without `b`: between `a` and everybody else.
   */
  cut(a: string, b?: string): void {
    for (const link of this.linksOf(a, b)) link.setCut(true);
  }

  /** Ends a cut. What was written meanwhile arrives; what was reset meanwhile is found out. */
  heal(a: string, b?: string): void {
    for (const link of this.linksOf(a, b)) link.setCut(false);
  }

  /** Ends all connections between `a` and `b`, or all of `a`, as if each side had received an RST. */
  reset(a: string, b?: string): void {
    const other = b === undefined ? undefined : this.hostOf(requireIp(b));
    for (const socket of [...this.hostOf(requireIp(a)).sockets]) {
      const remote = this.findHost(this.hostOf(requireIp(a)), socket.remoteAddress.host);
      if (other !== undefined && remote !== other) continue;
      socket.breakOff();
      for (const peer of remote?.sockets ?? []) {
        if (same(peer.localAddress, socket.remoteAddress) && same(peer.remoteAddress, socket.localAddress)) {
          peer.breakOff();
        }
      }
    }
  }

  /**
   * Kills whatever runs on a host: its ports close, its connections are reset, its sockets tell their owners nothing
   * more, and transports made for it before fail. Call `host` again to start anew.
   */
  crash(address: string): void {
    this.hostOf(requireIp(address)).crash();
  }

  /** Bytes that a host sent and received, other hosts only, and how many sockets it has now. */
  traffic(address: string): MemoryTraffic {
    const host = this.hostOf(requireIp(address));
    let [sentBytes, receivedBytes] = [0, 0];
    for (const [from, links] of this.links) {
      for (const [to, link] of links) {
        if (from === to) continue;
        if (from === host) sentBytes += link.carriedBytes;
        if (to === host) receivedBytes += link.carriedBytes;
      }
    }
    return { sentBytes, receivedBytes, openSockets: host.sockets.size };
  }

  private hostOf(address: string): MemoryHost {
    let host = this.hosts.get(address);
    if (host === undefined) {
      host = new MemoryHost([address], new Line(this.hostBytesPerSecond));
      this.hosts.set(address, host);
      this.links.set(host, new Map());
    }
    return host;
  }

  /** The host that an address means, seen from another. */
  private findHost(from: MemoryHost, address: string): MemoryHost | undefined {
    return isLoopback(address) ? from : this.hosts.get(address);
  }

  private linkBetween(from: MemoryHost, to: MemoryHost): MemoryLink {
    const links = this.links.get(from)!;
    let link = links.get(to);
    if (link === undefined) {
      // Within a host nothing takes time.
      link =
        from === to
          ? new MemoryLink(this.clock, {})
          : new MemoryLink(this.clock, this.linkDefaults, from.uplink);
      links.set(to, link);
    }
    return link;
  }

  private linksOf(a: string, b: string | undefined): MemoryLink[] {
    const host = this.hostOf(requireIp(a));
    const others = b === undefined ? new Set(this.hosts.values()) : new Set([this.hostOf(requireIp(b))]);
    if (b === undefined) others.delete(host);
    return [...others].flatMap((other) => [this.linkBetween(host, other), this.linkBetween(other, host)]);
  }

  private async dial(host: MemoryHost, life: number, options: DialOptions): Promise<Socket> {
    const remote = { host: this.names.resolve(options.host)[0]!, port: options.port };
    const localHost = options.localHost ? this.names.resolve(options.localHost)[0]! : "";
    if (options.signal?.aborted) throw abortedError(remote, options.signal.reason);
    if (host.life !== life) throw dialError(localHost, remote, "connect", "ENETDOWN");
    const source = isWildcard(localHost) ? host.sourceFor(remote.host) : localHost;
    if (source === undefined) throw dialError(localHost, remote, "connect", "ENETUNREACH");
    if (!host.has(source)) throw dialError(localHost, remote, "bind", "EADDRNOTAVAIL");
    if (isIPv4(source) !== isIPv4(remote.host)) throw dialError(localHost, remote, "connect", "EAFNOSUPPORT");
    const target = this.findHost(host, remote.host);
    if (target === undefined) throw dialError(localHost, remote, "connect", "EHOSTUNREACH");
    const port = host.freePort();
    if (port === undefined) throw dialError(localHost, remote, "connect", "EADDRNOTAVAIL");
    const local = { host: source, port };

    return new Promise((resolve, reject) => {
      const there = this.linkBetween(host, target);
      const back = this.linkBetween(target, host);
      let callOff = (): void => {};
      const done = (): void => {
        callOff();
        timer.cancel();
        options.signal?.removeEventListener("abort", aborted);
      };
      const fail = (error: TransportError): void => {
        done();
        reject(error);
      };
      const aborted = (): void => fail(abortedError(remote, options.signal?.reason));
      const timer = this.clock.setTimeout(
        () => fail(dialError(localHost, remote, "connect", "ETIMEDOUT")),
        this.connectTimeoutMs,
      );
      options.signal?.addEventListener("abort", aborted);

      // As TCP opens: there (SYN), back (SYN and ACK, or RST), and the acceptor learns of it with the third (ACK).
      callOff = there.carry(() => {
        const listener = target.listenerAt(remote);
        callOff = back.carry(() => {
          if (host.life !== life) return fail(dialError(localHost, remote, "connect", "ENETDOWN"));
          if (listener === undefined) return fail(dialError(localHost, remote, "connect", "ECONNREFUSED"));
          done();
          const [near, far] = this.connect(
            { host, address: local, link: there },
            { host: target, address: remote, link: back },
          );
          resolve(near);
          there.carry(() => {
            // A port that closed meanwhile resets what was waiting to be accepted.
            if (target.listenerAt(remote) === listener) listener.accept(far);
            else far.reset();
          });
        });
      });
    });
  }

  /** Makes both sockets of a connection. */
  private connect(a: EndPoint, b: EndPoint): [MemorySocket, MemorySocket] {
    const [forth, back] = [new MemoryPipe(this.settings, a.link), new MemoryPipe(this.settings, b.link)];
    const open = (at: EndPoint, remoteAddress: SocketAddress, outgoing: MemoryPipe, incoming: MemoryPipe) => {
      const socket = new MemorySocket({
        clock: this.clock,
        localAddress: at.address,
        remoteAddress,
        outgoing,
        incoming,
        highWaterMarkBytes: this.highWaterMarkBytes,
        forget: (closed) => at.host.sockets.delete(closed),
      });
      at.host.sockets.add(socket);
      return socket;
    };
    const near = open(a, b.address, forth, back);
    const far = open(b, a.address, back, forth);
    forth.join(near, far, back);
    back.join(far, near, forth);
    return [near, far];
  }
}

interface EndPoint {
  readonly host: MemoryHost;
  readonly address: SocketAddress;
  /** The way out. */
  readonly link: MemoryLink;
}

function same(a: SocketAddress, b: SocketAddress): boolean {
  return a.host === b.host && a.port === b.port;
}
