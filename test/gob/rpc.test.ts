import { duplexPair } from "node:stream";
import test from "ava";
import * as gob from "weave-mesh/gob";
import { Args, arith, Quotient } from "../../examples/net-rpc/arith.ts";
import { method, RpcClient, RpcError, serveRpc } from "../../examples/net-rpc/rpc.ts";

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

const Request = gob.struct("net/rpc.Request", { ServiceMethod: gob.string, Seq: gob.uint64 });

function requests(name: string, count: number): Uint8Array {
  const encoder = new gob.Encoder();
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const request = { ServiceMethod: name, Seq: BigInt(i) };
    parts.push(encoder.encodeAll([Request, Args], [request, { A: i, B: 2 }]));
  }
  return Buffer.concat(parts);
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

for (const name of ["Arith.Multiply", "Arith.Absent"]) {
  test(`rpc: a client that does not read its answers is not read from, and served when it reads (${name})`, async (t) => {
    const [near, far] = duplexPair();
    serveRpc(far, arith);
    const count = 20_000;
    const sent = requests(name, count);
    for (let at = 0; at < sent.length; at += 8192) near.write(sent.subarray(at, at + 8192));
    await turns(50);
    t.true(far.writableLength < 64 * 1024, String(far.writableLength));
    t.true(near.writableLength > sent.length / 2, String(near.writableLength));
    const decoder = new gob.Decoder();
    let answers = 0;
    await new Promise<void>((resolve) => {
      near.on("data", (chunk: Buffer) => {
        decoder.push(chunk);
        while (decoder.readAny().done) answers++;
        if (answers === 2 * count) resolve();
      });
    });
    t.is(answers, 2 * count);
  });
}

test("rpc: no more than 64 requests of a client run at once", async (t) => {
  const [near, far] = duplexPair();
  let running = 0;
  const held: (() => void)[] = [];
  const slow = method(Args, gob.int, async ({ A }) => {
    running++;
    await new Promise<void>((resolve) => held.push(resolve));
    return A;
  });
  serveRpc(far, { "Slow.Run": slow });
  near.resume();
  near.write(requests("Slow.Run", 100));
  await turns(20);
  t.is(running, 64);
  for (const finish of held.splice(0)) finish();
  await turns(20);
  t.is(running, 100);
});

test("rpc: a message of more than 16 MiB ends the connection", async (t) => {
  const [near, far] = duplexPair();
  serveRpc(far, arith);
  const error = new Promise<Error>((resolve) => far.once("error", resolve));
  near.write(Uint8Array.of(0xfc, 0x01, 0x00, 0x00, 0x01));
  t.is(((await error) as gob.GobError).code, "message-too-large");
});
