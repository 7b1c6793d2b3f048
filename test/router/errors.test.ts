import test from "ava";
import { closedByPeer, RouterError } from "../../src/router/errors.ts";

test("errors: that the other side has closed the connection is told without a stack trace, the next error with one", (t) => {
  const ended = closedByPeer("10.0.0.2:6783");
  t.true(ended instanceof RouterError);
  t.is(ended.code, "closed-by-peer");
  t.is(ended.message, "EOF");
  t.is(ended.address, "10.0.0.2:6783");
  t.notRegex(ended.stack ?? "", /\n/);
  t.regex(new RouterError("stopped", "router stopped").stack!, /\n +at /);
});
