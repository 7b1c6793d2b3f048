import test from "ava";
import { formatHostPort } from "../../src/cli/arguments.ts";
import { dispatch } from "../../src/cli/dispatch.ts";
import { StatusServer } from "../../src/cli/status-server.ts";
import { TestContext } from "./capture-context.ts";

const empty = {
  ...{
    Protocol: "weave",
    ProtocolMinVersion: 1,
    ProtocolMaxVersion: 2,
    Encryption: false,
    PeerDiscovery: true,
  },
  ...{ Name: "00:00:00:00:00:01", NickName: "n", Port: 6783, Peers: null, UnicastRoutes: null },
  ...{ BroadcastRoutes: null, Connections: null, TerminationCount: 0, Targets: null, TrustedSubnets: [] },
};

async function serve(statusJson: () => string): Promise<{ server: StatusServer; address: string }> {
  const server = await StatusServer.listen(
    { host: "127.0.0.1", port: 0 },
    { statusJson: () => [statusJson()] },
  );
  return { server, address: formatHostPort(server.address) };
}

test("status server: the body is what the peer says, unchanged", async (t) => {
  const { server, address } = await serve(() => '{"Name":"x","UID":11274217283412345678}');
  t.teardown(() => server.close());
  const response = await fetch(`http://${address}/status?a=b`);
  t.is(response.status, 200);
  t.is(response.headers.get("content-type"), "application/json");
  t.is(await response.text(), '{"Name":"x","UID":11274217283412345678}');
});

test("status server: other paths are not found, other methods not allowed", async (t) => {
  const { server, address } = await serve(() => "{}");
  t.teardown(() => server.close());
  for (const path of ["/", "/status/", "/Status", "/favicon.ico"]) {
    t.is((await fetch(`http://${address}${path}`)).status, 404, path);
  }
  t.is((await fetch(`http://${address}/status`, { method: "POST" })).status, 405);
});

test("status server: an address in use is a failure", async (t) => {
  const { server } = await serve(() => "{}");
  t.teardown(() => server.close());
  const error = await t.throwsAsync(StatusServer.listen(server.address, { statusJson: () => ["{}"] }));
  t.regex(error.message, /^--http 127\.0\.0\.1:\d+: .*EADDRINUSE/);
});

test("status: asks a peer and prints its answer", async (t) => {
  const { server, address } = await serve(() => JSON.stringify(empty));
  t.teardown(() => server.close());
  const context = new TestContext();
  t.is(await dispatch(["status", address], context), 0);
  t.regex(context.stdout.text, /^00:00:00:00:00:01\(n\), port 6783/);
  t.is(context.stderr.text, "");
});

test("status: --watch goes on, over failures, until interrupted", async (t) => {
  const { server, address } = await serve(() => "nonsense");
  t.teardown(() => server.close());
  const context = new TestContext();
  const running = dispatch(["status", address, "--watch"], context);
  await context.stdout.line((line) => line.includes("not JSON"));
  context.signal("SIGINT");
  t.is(await running, 0);
});

test("status: what goes wrong is one line on standard error", async (t) => {
  const { server, address } = await serve(() => "nonsense");
  const failures: [string[], 1 | 2, RegExp][] = [
    [["status", address], 1, /^weave-mesh: http:\/\/127.*: the answer is not JSON\n$/],
    [["status"], 2, /^weave-mesh: status HOST:PORT \[--watch\]\n$/],
    [["status", "localhost"], 2, /^weave-mesh: HOST:PORT: .*\n$/],
    [["status", address, "--wait"], 2, /^weave-mesh: .*--wait.*\n$/],
  ];
  for (const [args, exitStatus, line] of failures) {
    const context = new TestContext();
    t.is(await dispatch(args, context), exitStatus);
    t.regex(context.stderr.text, line);
    t.is(context.stdout.text, "");
  }
  await server.close();
  const gone = await serve(() => "{}");
  await gone.server.close();
  const context = new TestContext();
  t.is(await dispatch(["status", gone.address], context), 1);
  t.regex(context.stderr.text, /^weave-mesh: http:.*ECONNREFUSED.*\n$/);
});
