import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test from "ava";
import {
  maxConnections,
  maxConnectionsPerAddress,
  StatusServer,
  type StatusServerTimeouts,
} from "../../src/cli/status-server.ts";
import { exchange, open, received } from "./http-socket.ts";

const get = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";

function serve(
  statusJson: () => Iterable<string>,
  timeouts: Partial<StatusServerTimeouts> = {},
  host = "127.0.0.1",
): Promise<StatusServer> {
  return StatusServer.listen({ host, port: 0 }, { statusJson, timeouts });
}

test("status server: headers of more than 8 KiB are refused", async (t) => {
  const server = await serve(() => ["{}"]);
  t.teardown(() => server.close());
  const request = get.replace("\r\n\r\n", `\r\nX: ${"x".repeat(8 * 1024)}\r\n\r\n`);
  t.regex(await exchange(server.address, request), /^HTTP\/1\.1 431 /);
});

test("status server: a connection that says nothing, or not all of its headers, is closed in time", async (t) => {
  const server = await serve(() => ["{}"], { headersMs: 100, requestMs: 100 });
  t.teardown(() => server.close());
  t.regex(await exchange(server.address, ""), /^HTTP\/1\.1 408 /);
  t.regex(await exchange(server.address, "GET /status HTTP/1.1\r\nHost: loc"), /^HTTP\/1\.1 408 /);
});

test("status server: a connection that is kept open is closed when no request follows", async (t) => {
  const server = await serve(() => ["{}"], { idleMs: 100 });
  t.teardown(() => server.close());
  t.regex(await exchange(server.address, get), /^HTTP\/1\.1 200 .*\{\}$/s);
});

test("status server: from one address 16 connections are taken, and another address is still served", async (t) => {
  const server = await serve(() => ["{}"], {}, "0.0.0.0");
  t.teardown(() => server.close());
  const { port } = server.address;
  const sockets: Socket[] = [];
  for (let i = 0; i < maxConnectionsPerAddress; i++) sockets.push(await open({ host: "127.0.0.1", port }));
  // The server has seen all of them once the last one is answered.
  sockets.at(-1)!.write(get);
  await once(sockets.at(-1)!, "data");
  t.is(await exchange({ host: "127.0.0.1", port }, get), "reset");
  const other = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
  other.write(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  const answer = await received(other);
  for (const socket of sockets) socket.destroy();
  // Linux has all of 127.0.0.0/8 as local addresses.
  if (process.platform === "linux") t.regex(answer, /^HTTP\/1\.1 200 /);
});

// Linux has all of 127.0.0.0/8 as local addresses.
const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("status server: 64 connections are taken in all, and one more when one has ended", async (t) => {
  const server = await serve(() => ["{}"], {}, "0.0.0.0");
  t.teardown(() => server.close());
  const { port } = server.address;
  const from = (host: number): Socket =>
    connect({ host: "127.0.0.1", port, localAddress: `127.0.0.${host}` });
  const sockets = Array.from({ length: maxConnections }, (_, index) =>
    from(2 + Math.floor(index / maxConnectionsPerAddress)),
  );
  // The server has seen all of them once each is answered.
  for (const socket of sockets) socket.write(get);
  for (const socket of sockets) await once(socket, "data");
  const ask = (): Promise<string> => {
    const socket = from(99);
    socket.write(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    return received(socket);
  };
  t.is(await ask(), "reset");
  const [first, ...others] = sockets;
  first!.destroy();
  await once(first!, "close");
  let answer = await ask();
  // The server may learn of the end a moment later.
  while (answer === "reset") answer = await ask();
  t.regex(answer, /^HTTP\/1\.1 200 /);
  for (const socket of others) socket.destroy();
});

test("status server: a second request before the answer to the first ends the connection", async (t) => {
  const server = await serve(() => ["x".repeat(1_000_000)]);
  t.teardown(() => server.close());
  const answer = await exchange(server.address, get.repeat(1_000));
  t.true(answer === "reset" || answer.length < 1_100_000);
  // The server goes on.
  t.regex(
    await exchange(server.address, get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")),
    /^HTTP\/1\.1 200/,
  );
});

test("status server: a reader that is too slow loses its answer, and the server goes on", async (t) => {
  const piece = "x".repeat(64 * 1024);
  const server = await serve(() => Array<string>(256).fill(piece), { answerMs: 200 });
  t.teardown(() => server.close());
  const slow = await open(server.address);
  slow.write(get);
  slow.pause();
  const closed = once(slow, "close");
  setTimeout(() => slow.resume(), 400);
  slow.on("error", () => {});
  let bytes = 0;
  slow.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  slow.pause();
  await closed;
  t.true(bytes < 256 * piece.length);
});

test("status server: what making the status throws is an error of that request", async (t) => {
  const server = await serve(() => {
    throw new Error("bad\n\u001b[2Joverlay");
  });
  t.teardown(() => server.close());
  const answer = await exchange(server.address, get);
  t.regex(answer, /^HTTP\/1\.1 500 /);
  t.true(answer.endsWith("\r\n\r\nbad \\x1b[2Joverlay\n"), answer);
});

test("status server: HEAD and refused requests do not make the status", async (t) => {
  let made = 0;
  const server = await serve(() => {
    made++;
    return ["{}"];
  });
  t.teardown(() => server.close());
  const close = get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  t.regex(await exchange(server.address, close.replace("GET", "HEAD")), /^HTTP\/1\.1 200 /);
  await exchange(server.address, close.replace("/status", "/"));
  await exchange(server.address, close.replace("localhost", "evil.example"));
  t.is(made, 0);
  for (let i = 0; i < 5; i++) await exchange(server.address, close);
  t.is(made, 1, "requests within a second share a document");
});
