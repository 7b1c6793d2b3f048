import { ServerResponse } from "node:http";
import test from "ava";
import { StatusServer } from "../../src/cli/status-server.ts";
import { exchange } from "./http-socket.ts";

test("status server: each turn of the event loop sends at most one piece of an answer", async (t) => {
  const pieces = Array<string>(64).fill("x".repeat(64 * 1024));
  const server = await StatusServer.listen({ host: "127.0.0.1", port: 0 }, { statusJson: () => pieces });
  const { write } = ServerResponse.prototype;
  t.teardown(() => {
    ServerResponse.prototype.write = write;
    return server.close();
  });
  let inTurn = 0;
  let most = 0;
  let total = 0;
  ServerResponse.prototype.write = function (this: ServerResponse, ...given: unknown[]): boolean {
    // A callback of an earlier phase of the loop would not run between two writes of one turn.
    if (inTurn === 0)
      setImmediate(() => {
        inTurn = 0;
      });
    most = Math.max(most, ++inTurn);
    total++;
    return Reflect.apply(write, this, given);
  } as typeof write;
  await exchange(server.address, "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  t.is(total, pieces.length);
  t.is(most, 1);
});
