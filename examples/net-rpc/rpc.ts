import type { Duplex } from "node:stream";
import * as gob from "weave-mesh/gob";

// Go's net/rpc over gob: each call is a Request and its argument, each answer a Response and its result,
// one gob stream in each direction for the life of the connection.

const Request = gob.struct("net/rpc.Request", { ServiceMethod: gob.string, Seq: gob.uint64 });
const Response = gob.struct("net/rpc.Response", {
  ServiceMethod: gob.string,
  Seq: gob.uint64,
  Error: gob.string,
});
/** The result of a call that failed. */
const Nothing = gob.struct("", {});

/** The error that a server has answered with. */
export class RpcError extends Error {
  override readonly name = "RpcError";
}

interface Pending {
  readonly reply: gob.AnySchema;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A message of more bytes ends the connection. */
const limits = { messageBytes: 16 * 1024 * 1024 };

/** Requests of one connection that may run at the same time. */
const mostRunning = 64;

/**
 * Feeds a socket's bytes to a decoder and calls `read` as long as that finds something complete and `isBusy` does
 * not say to wait. Nothing is read from the socket meanwhile. Returns a function that goes on.
 */
function pump(
  socket: Duplex,
  decoder: gob.Decoder,
  read: () => boolean,
  fail: (error: Error) => void,
  isBusy: () => boolean = () => false,
): () => void {
  const goOn = (): void => {
    try {
      while (!isBusy() && read());
    } catch (error) {
      socket.destroy(error as Error);
      return;
    }
    if (isBusy()) socket.pause();
    else socket.resume();
  };
  socket.on("data", (chunk: Buffer) => {
    decoder.push(chunk);
    goOn();
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("connection is shut down")));
  return goOn;
}

/** A client of a Go rpc.Server (or of {@link serveRpc}) at the other end of a socket. */
export class RpcClient {
  readonly #socket: Duplex;
  readonly #encoder = new gob.Encoder();
  readonly #decoder = new gob.Decoder({ limits });
  readonly #pending = new Map<bigint, Pending>();
  #seq = 0n;
  #response: gob.Infer<typeof Response> | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    pump(
      socket,
      this.#decoder,
      () => this.#read(),
      (error) => this.#failAll(error),
    );
  }

  /** Calls `Service.Method`. Errors: {@link RpcError} with the server's text, or the connection's own. */
  call<A extends gob.Schema, R extends gob.Schema>(
    method: string,
    argument: A,
    value: gob.Infer<A>,
    reply: R,
  ): Promise<gob.Infer<R>> {
    const seq = this.#seq++;
    const bytes = this.#encoder.encodeAll([Request, argument], [{ ServiceMethod: method, Seq: seq }, value]);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error("connection is shut down"));
        return;
      }
      this.#pending.set(seq, { reply, resolve: resolve as (value: unknown) => void, reject });
      this.#socket.write(bytes);
    });
  }

  #read(): boolean {
    if (this.#response === undefined) {
      const header = this.#decoder.read(Response);
      if (!header.done) return false;
      this.#response = header.value;
    }
    const { Seq, Error: error } = this.#response;
    const pending = this.#pending.get(Seq);
    if (pending === undefined) throw new Error(`answer to unknown call ${Seq}`);
    const body = error === "" ? this.#decoder.read(pending.reply) : this.#decoder.readAny();
    if (!body.done) return false;
    this.#response = undefined;
    this.#pending.delete(Seq);
    if (error === "") pending.resolve(body.value);
    else pending.reject(new RpcError(error));
    return true;
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** One method that a server has. */
export interface RpcMethod {
  readonly argument: gob.AnySchema;
  readonly reply: gob.AnySchema;
  readonly run: (argument: never) => unknown;
}

/** A method with its schemas; `run` may throw, which the caller gets as an {@link RpcError}. */
export function method<A extends gob.Schema, R extends gob.Schema>(
  argument: A,
  reply: R,
  run: (argument: gob.Infer<A>) => gob.Infer<R> | Promise<gob.Infer<R>>,
): RpcMethod {
  return { argument: argument as gob.AnySchema, reply: reply as gob.AnySchema, run: run as RpcMethod["run"] };
}

/**
 * Serves `methods`, by names as `Arith.Multiply`, to a Go rpc.Client (or {@link RpcClient}) on a socket. While
 * the client does not read its answers, or has 64 requests running, no more of its requests are read.
 */
export function serveRpc(socket: Duplex, methods: Readonly<Record<string, RpcMethod>>): void {
  const encoder = new gob.Encoder();
  const decoder = new gob.Decoder({ limits });
  let request: gob.Infer<typeof Request> | undefined;
  let running = 0;
  const answer = (
    of: gob.Infer<typeof Request>,
    error: string,
    schema: gob.AnySchema,
    value: unknown,
  ): void => {
    if (socket.destroyed) return;
    const response = { ServiceMethod: of.ServiceMethod, Seq: of.Seq, Error: error };
    socket.write(encoder.encodeAll([Response, schema], [response, value]));
  };
  const run = async (of: gob.Infer<typeof Request>, called: RpcMethod, argument: unknown): Promise<void> => {
    running++;
    try {
      answer(of, "", called.reply, await called.run(argument as never));
    } catch (error) {
      answer(of, error instanceof Error ? error.message : String(error), Nothing, {});
    } finally {
      running--;
      goOn();
    }
  };
  const read = (): boolean => {
    if (request === undefined) {
      const header = decoder.read(Request);
      if (!header.done) return false;
      request = header.value;
    }
    const name = request.ServiceMethod;
    const called = Object.hasOwn(methods, name) ? methods[name] : undefined;
    const body = called === undefined ? decoder.readAny() : decoder.read(called.argument);
    if (!body.done) return false;
    if (called === undefined) answer(request, `rpc: can't find service ${name}`, Nothing, {});
    else void run(request, called, body.value);
    request = undefined;
    return true;
  };
  const isBusy = (): boolean => running >= mostRunning || socket.writableNeedDrain;
  const goOn = pump(socket, decoder, read, () => {}, isBusy);
  socket.on("drain", goOn);
}
