/**
 * Go's net/rpc from TypeScript, both ways:
 *
 *     tsx examples/net-rpc/main.ts serve HOST:PORT        serve Arith.Multiply and Arith.Divide
 *     tsx examples/net-rpc/main.ts call HOST:PORT A B     call both with A and B
 *
 * The other end may be Go: `go run ./interop/gob/rpc serve HOST:PORT` and `... call HOST:PORT A B`.
 */
import { createConnection, createServer } from "node:net";
import * as gob from "weave-mesh/gob";
import { Args, arith, Quotient } from "./arith.ts";
import { RpcClient, serveRpc } from "./rpc.ts";

const [command, address = "", a = "", b = ""] = process.argv.slice(2);
const colon = address.lastIndexOf(":");
const host = address.slice(0, colon);
const port = Number(address.slice(colon + 1));

if (command === "serve") {
  const server = createServer((socket) => serveRpc(socket, arith));
  server.listen(port, host, () => {
    const bound = server.address();
    console.log(`serving on ${host}:${typeof bound === "object" && bound !== null ? bound.port : port}`);
  });
} else if (command === "call") {
  const socket = createConnection({ host, port });
  const client = new RpcClient(socket);
  const args = { A: Number(a), B: Number(b) };
  try {
    console.log(`multiply ${await client.call("Arith.Multiply", Args, args, gob.int)}`);
    const { Quo, Rem } = await client.call("Arith.Divide", Args, args, Quotient);
    console.log(`divide ${Quo} ${Rem}`);
  } catch (error) {
    console.log(`error ${(error as Error).message}`);
  }
  socket.end();
} else {
  console.error("usage: main.ts serve HOST:PORT | call HOST:PORT A B");
  process.exitCode = 2;
}
