import test from "ava";
import {
  acceptError,
  type Condition,
  closedError,
  dialError,
  eofError,
  listenError,
  lookupError,
  socketError,
  type TransportErrorCode,
  timeoutError,
} from "../../src/transport/errors.ts";

const ends = {
  localAddress: { host: "10.0.0.1", port: 40000 },
  remoteAddress: { host: "fd00::1", port: 6783 },
};

// The texts are those of Go 1.26 on Linux.
const dialling: [condition: Condition, code: TransportErrorCode, text: string][] = [
  ["ECONNREFUSED", "refused", "connect: connection refused"],
  ["ECONNRESET", "reset", "connect: connection reset by peer"],
  ["ETIMEDOUT", "timeout", "connect: connection timed out"],
  ["EHOSTUNREACH", "unreachable", "connect: no route to host"],
  ["ENETUNREACH", "unreachable", "connect: network is unreachable"],
  ["EACCES", "access-denied", "connect: permission denied"],
  ["EINVAL", "io", "connect: invalid argument"],
  ["EMFILE", "io", "socket: too many open files"],
];

for (const [condition, code, text] of dialling) {
  test(`error: ${condition} on dialling has code ${code} and Go's text`, (t) => {
    const error = dialError("10.0.0.1", ends.remoteAddress, "connect", condition);
    t.is(error.code, code);
    t.is(error.operation, "dial");
    t.is(error.target, "[fd00::1]:6783");
    t.is(error.message, `dial tcp 10.0.0.1:0->[fd00::1]:6783: ${text}`);
  });
}

test("error: what Node reported is the cause, and an unknown condition keeps the system's text", (t) => {
  const cause = Object.assign(new Error("read EBADF"), { code: "EBADF", errno: -9, syscall: "read" });
  const error = socketError("read", ends, cause);
  t.is(error.code, "io");
  t.is(error.message, "read tcp 10.0.0.1:40000->[fd00::1]:6783: read: bad file descriptor");
  t.is(error.cause, cause);
});

test("error: the other operations have Go's texts, too", (t) => {
  const between = "tcp 10.0.0.1:40000->[fd00::1]:6783";
  t.is(socketError("write", ends, "EPIPE").message, `write ${between}: write: broken pipe`);
  t.is(timeoutError("read", ends).message, `read ${between}: i/o timeout`);
  t.is(timeoutError("write", ends).code, "timeout");
  t.is(closedError("write", ends).message, `write ${between}: use of closed network connection`);
  t.is(eofError(ends).message, "EOF");
  t.is(listenError("", 80, "EACCES").message, "listen tcp :80: bind: permission denied");
  t.is(lookupError("nohost").message, "lookup nohost: no such host");
  const accepting = acceptError({ host: "::", port: 6783 }, "EMFILE");
  t.is(accepting.message, "accept tcp [::]:6783: accept4: too many open files");
});
