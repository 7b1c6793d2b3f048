import { connect, createServer, isIPv4, isIPv6, type Socket as NodeSocket, type Server } from "node:net";
import { whenAborted } from "./abort-hooks.ts";
import { canonicalIp, isWildcard, type SocketAddress } from "./address.ts";
import { abortedError, acceptError, dialError, listenError, type TransportError } from "./errors.ts";
import { systemNames } from "./names/system-names.ts";
import { servicePort } from "./service-port.ts";
import { highWaterMarkBytes, localAddressOf, remoteAddressOf, TcpSocket } from "./tcp-socket.ts";
import type { DialOptions, Listener, ListenOptions, Socket, Transport } from "./transport.ts";

/**
 * How many connections may wait to be accepted: Go's limit is the system's, which cuts this down as it sees fit.
 */
const backlog = 4096;

/**
 * The machine's TCP. As Go's: no delay (Nagle off), and all addresses of both families for a wildcard. Unlike Go's, no
 * keep-alive probes: Node has them give up within 25 s of silence, which would end connections that live through a
 * break in a Go peer; the mesh has heartbeats.
 * Source: Go, net, ListenTCP and DialTCP, as the original calls them.
 */
export const tcpTransport: Transport = {
  listen,
  dial,
  resolve: (host, options) => systemNames.resolve(host, options),
  resolvePort: servicePort,
};

async function listen(
  options: ListenOptions,
  accept: (socket: Socket) => void,
  failed: (error: TransportError) => void = () => {},
): Promise<Listener> {
  const host = options.host === "" ? "" : (await systemNames.resolve(options.host))[0]!;
  const server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: true,
    highWaterMark: highWaterMarkBytes,
  });
  try {
    await bind(server, isWildcard(host) ? "::" : host, options.port);
  } catch (error) {
    if (host !== "" && host !== "0.0.0.0") throw listenError(host, options.port, error as Error);
    try {
      await bind(server, "0.0.0.0", options.port); // a machine without IPv6
    } catch {
      throw listenError(host, options.port, error as Error);
    }
  }
  const bound = server.address() as { address: string; port: number };
  const address = { host: canonicalIp(bound.address) ?? bound.address, port: bound.port };
  server.on("error", (error) => failed(acceptError(address, error)));
  // Where one address is listened on, that is the near end of each connection, and need not be asked for.
  const near = isWildcard(address.host) ? undefined : address;
  server.on("connection", (socket: NodeSocket) => {
    const [local, remote] = [near ?? localAddressOf(socket), remoteAddressOf(socket)];
    // One that ended while it waited to be accepted has no ends any more.
    if (local === undefined || remote === undefined) socket.on("error", () => {}).destroy();
    else accept(new TcpSocket(socket, local, remote, true));
  });
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close();
        // The server's own event waits for the connections, too; the port is free as soon as the loop has turned.
        setImmediate(resolve);
      }),
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog, exclusive: true, ipv6Only: false }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function dial(options: DialOptions): Promise<Socket> {
  const { host, localHost: fromHost = "", port } = options;
  const addressOf = async (name: string): Promise<string> => (await systemNames.resolve(name, options))[0]!;
  // Nearly always addresses already, which need no waiting.
  const remote = { host: canonicalIp(host) ?? (await addressOf(host)), port };
  const localHost = fromHost === "" ? "" : (canonicalIp(fromHost) ?? (await addressOf(fromHost)));
  // As Go: a port that the system picks in its ephemeral range may be the very one being dialled, and then the
  // connection is to itself.
  for (let attempt = 0; ; attempt++) {
    const socket = await connectOnce(remote, localHost, options.signal);
    const [local, far] = [localAddressOf(socket), remoteAddressOf(socket)];
    if (local === undefined || far === undefined) {
      socket.destroy();
      throw dialError(localHost, remote, "connect", "ECONNRESET");
    }
    if (attempt < 2 && local.host === far.host && local.port === far.port) socket.resetAndDestroy();
    else return new TcpSocket(socket, local, far);
  }
}

function connectOnce(
  remote: SocketAddress,
  localHost: string,
  signal: AbortSignal | undefined,
): Promise<NodeSocket> {
  if (signal?.aborted) return Promise.reject(abortedError(remote, signal.reason));
  const bound = localHost !== "" && !isWildcard(localHost);
  if (bound && isIPv4(localHost) !== isIPv4(remote.host)) {
    return Promise.reject(dialError(localHost, remote, "connect", "EAFNOSUPPORT"));
  }
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: remote.host,
      port: remote.port,
      family: isIPv6(remote.host) ? 6 : 4,
      ...(bound && { localAddress: localHost }),
      allowHalfOpen: true,
      noDelay: true,
      // Not in the types: `connect` hands its options on to the stream.
      ...({ writableHighWaterMark: highWaterMarkBytes } as object),
    });
    socket.pause(); // nothing is read before somebody attaches
    const done = (): void => {
      socket.removeListener("error", failed).removeListener("connect", connected);
      forgetAbort?.();
    };
    const connected = (): void => {
      done();
      resolve(socket);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      done();
      reject(dialError(localHost, remote, error.syscall === "bind" ? "bind" : "connect", error));
    };
    const aborted = (): void => {
      done();
      socket.on("error", () => {}).destroy();
      reject(abortedError(remote, signal?.reason));
    };
    socket.on("connect", connected).on("error", failed);
    const forgetAbort = signal && whenAborted(signal, aborted);
  });
}
