import { duplexPair } from "node:stream";
import test from "ava";
import * as gob from "weave-mesh/gob";
import { Args, arith, Quotient } from "../../examples/net-rpc/arith.ts";
import { RpcClient, RpcError, serveRpc } from "../../examples/net-rpc/rpc.ts";

function connect(): RpcClient {
  const [near, far] = duplexPair();
  serveRpc(far, arith);
  return new RpcClient(near);
}

test("rpc: calls are answered, also several at once", async (t) => {
  const client = connect();
  const products = [1, 2, 3].map((n) => client.call("Arith.Multiply", Args, { A: n, B: 10 }, gob.int));
  t.deepEqual(await Promise.all(products), [10, 20, 30]);
  t.deepEqual(await client.call("Arith.Divide", Args, { A: 7, B: 2 }, Quotient), { Quo: 3, Rem: 1 });
});

test("rpc: an error in a method and a method that is not there reach the caller, and the next call works", async (t) => {
  const client = connect();
  const divide = client.call("Arith.Divide", Args, { A: 7, B: 0 }, Quotient);
  t.is((await t.throwsAsync(divide, { instanceOf: RpcError }))?.message, "divide by zero");
  const absent = client.call("Arith.Root", Args, { A: 7, B: 0 }, gob.int);
  t.is(
    (await t.throwsAsync(absent, { instanceOf: RpcError }))?.message,
    "rpc: can't find service Arith.Root",
  );
  t.is(await client.call("Arith.Multiply", Args, { A: 6, B: 7 }, gob.int), 42);
});

test("rpc: when the connection ends, waiting calls fail", async (t) => {
  const [near] = duplexPair();
  const client = new RpcClient(near);
  const call = client.call("Arith.Multiply", Args, { A: 1, B: 1 }, gob.int);
  near.destroy();
  await t.throwsAsync(call, { message: "connection is shut down" });
});
