import test from "ava";
import { StatusServer } from "../../src/cli/status-server.ts";
import { exchange } from "./http-socket.ts";

const get = (host: string | undefined, target = "/status", version = "1.1"): string =>
  `GET ${target} HTTP/${version}\r\n${host === undefined ? "" : `Host: ${host}\r\n`}Connection: close\r\n\r\n`;

const listenHost = "127.0.0.1";

async function serve(...hostNames: string[]): Promise<StatusServer> {
  const options = { statusJson: () => ["{}"], hostNames };
  return StatusServer.listen({ host: listenHost, port: 0 }, options);
}

const requests: readonly (readonly [title: string, request: string, status: number])[] = [
  ["an IPv4 address", get("192.0.2.7"), 200],
  ["an IPv4 address and a port", get("192.0.2.7:6784"), 200],
  ["an IPv6 address", get("[2001:db8::7]"), 200],
  ["an IPv6 address and a port", get("[::1]:6784"), 200],
  ["an IPv6 address with a zone", get("[fe80::1%eth0]:80"), 200],
  ["localhost", get("localhost"), 200],
  ["localhost in upper case, with a port", get("LOCALHOST:6784"), 200],
  ["localhost with a dot at its end", get("localhost."), 200],
  ["an allowed name", get("mesh.example"), 200],
  ["an allowed name in upper case, with dot and port", get("MESH.Example.:80"), 200],
  ["no Host in HTTP/1.0", get(undefined, "/status", "1.0"), 200],
  ["an allowed name in an absolute target", get("mesh.example", "http://mesh.example/status"), 200],
  ["another name", get("evil.example"), 421],
  ["another name and a port", get("evil.example:6784"), 421],
  ["a subdomain of localhost", get("evil.localhost"), 421],
  ["a subdomain of an allowed name", get("evil.mesh.example"), 421],
  ["a name that begins as an address does", get("127.0.0.1.evil.example"), 421],
  ["an address in another form", get("0x7f000001"), 421],
  ["two dots at the end", get("localhost.."), 421],
  ["another name in HTTP/1.0", get("evil.example", "/status", "1.0"), 421],
  ["another name in an absolute target", get("localhost", "http://evil.example/status"), 421],
  ["another name in Host beside an absolute target", get("evil.example", "http://localhost/status"), 421],
  ["another name, on another path", get("evil.example", "/favicon.ico"), 421],
  ["another name, with a query", get("evil.example", "/status?a=b"), 421],
  ["another name, with another method", get("evil.example").replace("GET", "POST"), 421],
  ["another name, with HEAD", get("evil.example").replace("GET", "HEAD"), 421],
  ["no Host in HTTP/1.1", get(undefined), 400],
  ["two Hosts", get("localhost\r\nHost: evil.example"), 400],
  ["the same Host twice", get("localhost\r\nhost: localhost"), 400],
  ["an empty Host", get(""), 400],
  ["a user in the Host", get("localhost@evil.example"), 400],
  ["a port that is no number", get("localhost:evil"), 400],
  ["a list of hosts", get("localhost, evil.example"), 400],
  ["an IPv6 address without brackets", get("::1"), 400],
  ["brackets around a name", get("[localhost]"), 400],
  ["a user in an absolute target", get("localhost", "http://localhost@evil.example/status"), 400],
  ["control characters in the Host", get("local\u009bhost"), 421],
];

for (const [title, request, status] of requests) {
  test(`status server: ${title} is answered with ${status}`, async (t) => {
    const server = await serve("mesh.example");
    t.teardown(() => server.close());
    const answer = await exchange(server.address, request);
    t.is(answer.split("\r\n")[0]?.slice(0, 12), `HTTP/1.1 ${status}`);
    t.is(answer.endsWith("{}"), status === 200);
  });
}

test("status server: the refusal of a host name says what to do, and nothing of the peer", async (t) => {
  const server = await serve();
  t.teardown(() => server.close());
  const answer = await exchange(server.address, get("evil\u009b.example"));
  t.true(
    answer.endsWith(
      '\r\n\r\nthe host name "evil\\u009b.example" is not allowed; to allow it, start the peer with --http-host NAME\n',
    ),
    answer,
  );
  const long = await exchange(server.address, get("e".repeat(5_000)));
  t.true(long.length < 1_000);
});

test("status server: the host that is listened on is allowed as it was given", async (t) => {
  const server = await StatusServer.listen({ host: "127.1", port: 0 }, { statusJson: () => ["{}"] });
  t.teardown(() => server.close());
  t.regex(await exchange(server.address, get("127.1:80")), /^HTTP\/1\.1 200 /);
  t.regex(await exchange(server.address, get("127.2:80")), /^HTTP\/1\.1 421 /);
});
