import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { fetchText, maxAnswerBytes } from "../../src/cli/status-client.ts";

/** Serves one answer; returns its URL and the number of bytes that were sent when the connection ended. */
async function serve(t: ExecutionContext, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/status`;
}

test("status client: returns the body of an answer", async (t) => {
  const url = await serve(t, (response) => response.end('{"a":"é"}'));
  t.is(await fetchText(url), '{"a":"é"}');
});

test("status client: an endless answer is given up at 64 MiB, and its connection closed", async (t) => {
  const piece = Buffer.alloc(1024 * 1024, "x");
  let sent = 0;
  let closed: Promise<unknown> | undefined;
  const url = await serve(t, (response) => {
    closed = once(response, "close");
    const more = (): void => {
      while (!response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) break;
      }
    };
    response.on("drain", more);
    more();
  });
  const error = await t.throwsAsync(fetchText(url), { code: "failed" });
  t.is(error?.message, `${url}: the answer has more than 64 MiB; is this the port of --http?`);
  await closed;
  t.true(sent < maxAnswerBytes + 16 * piece.length, `${sent}`);
});

test("status client: an answer that does not end within the time is given up", async (t) => {
  const url = await serve(t, (response) => {
    response.write("{");
  });
  await t.throwsAsync(fetchText(url, undefined, 200), {
    code: "failed",
    message: `${url}: no complete answer within 0.2 s`,
  });
});

test("status client: a redirect is not followed but named, escaped and cut", async (t) => {
  const url = await serve(t, (response) =>
    response.writeHead(302, { Location: `http://evil.example/\u009b${"x".repeat(2000)}` }).end("body"),
  );
  const error = await t.throwsAsync(fetchText(url), { code: "failed" });
  t.regex(
    error!.message,
    /: redirects to http:\/\/evil\.example\/.*which is not followed; ask that address instead$/,
  );
  t.notRegex(error!.message, /\p{Cc}/u);
  t.true(error!.message.length < 500);
});

test("status client: what a peer says about a refusal is shown, escaped and cut", async (t) => {
  const url = await serve(t, (response) =>
    response
      .writeHead(421, { "Content-Type": "text/plain" })
      .end(`the host name "a" is not allowed\u001b[2J\u202e${"x".repeat(5_000_000)}`),
  );
  const error = await t.throwsAsync(fetchText(url), { code: "failed" });
  t.true(
    error!.message.startsWith(`${url}: HTTP status 421: the host name "a" is not allowed\\x1b[2J\\u202ex`),
  );
  t.true(error!.message.length < 2_500);
});

test("status client: an error with another kind of body is its status", async (t) => {
  const url = await serve(t, (response) =>
    response.writeHead(500, { "Content-Type": "text/html" }).end("<html>"),
  );
  await t.throwsAsync(fetchText(url), { message: `${url}: HTTP status 500` });
});
