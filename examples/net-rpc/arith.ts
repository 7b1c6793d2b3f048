import * as gob from "weave-mesh/gob";
import { method, type RpcMethod } from "./rpc.ts";

/** Two numbers; the Go side has the same as `type Args struct{ A, B int }`. */
export const Args = gob.struct("main.Args", { A: gob.int, B: gob.int });
export const Quotient = gob.struct("main.Quotient", { Quo: gob.int, Rem: gob.int });

/** The service of net/rpc's own documentation. */
export const arith: Readonly<Record<string, RpcMethod>> = {
  "Arith.Multiply": method(Args, gob.int, ({ A, B }) => A * B),
  "Arith.Divide": method(Args, Quotient, ({ A, B }) => {
    if (B === 0) throw new Error("divide by zero");
    return { Quo: Math.trunc(A / B), Rem: A % B };
  }),
};
