import test from "ava";
import { entryToJson, SessionInspector, summaryToJson } from "../../src/capture/index.ts";
import { escapedJson } from "../../src/go-text/index.ts";
import { PeerName } from "../../src/index.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import { encodeFeatures, encodeGossip, Tag } from "../../src/wire/index.ts";
import { describedPeer, hostileSession, hostileText, message, narrate, session } from "./hostile-session.ts";

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test("narrator: hostile texts cannot steer a terminal or forge a line, wherever they stand", (t) => {
  const lines = narrate(hostileSession()).split("\n");
  t.deepEqual(
    lines.filter((line) => unsafe.test(line)),
    [],
  );
  t.deepEqual(
    lines.filter((line) => line.startsWith("#1 forged")),
    [],
  );
  const shown =
    "a\\r\\n#1 forged\\x1b[2J\\a\\x7f\\u0085\\u009b2J\\u061c\\u200b\\u200e\\u202e\\u2028\\u2066\\ufeff\\U000e0041\\x9b";
  // Address, title, how it was made, nickname, channel, feature.
  t.true(lines.filter((line) => line.includes(shown)).length > 10);
  t.true(lines.some((line) => line.includes(`${shown}=${shown}`)));
  t.true(lines.some((line) => line.includes('"two\\nlines \\u202e"')));
});

test("narrator: JSON lines hold no unsafe character and keep the texts", (t) => {
  const { header, records } = hostileSession();
  const inspector = new SessionInspector(header);
  const entries = [...records.flatMap((record) => inspector.push(record)), ...inspector.finish()];
  const lines = entries.map((entry) => escapedJson(entryToJson(entry, 1)));
  lines.push(escapedJson(summaryToJson(inspector, 1)));
  t.deepEqual(
    lines.filter((line) => unsafe.test(line)),
    [],
  );
  const features = lines.map((line) => JSON.parse(line)).find(({ kind }) => kind === "features");
  t.is(features.features.NickName, hostileText);
});

const long = "x".repeat(2_000_000);

test("narrator: the length of its lines does not grow with the texts in a message", (t) => {
  const many = Array.from({ length: 900 }, (_, index): [string, string] => [`key ${index}`, "v".repeat(50)]);
  const features = encodeFeatures(new Map([["NickName", long], ["Name", "00:00:00:00:00:01"], ...many]));
  const update = encodeUpdate([describedPeer(1, long, long, 3)]);
  const text = narrate(
    session([
      ["features", features],
      ["message", message(Tag.gossip, encodeGossip("topology", PeerName.fromUint(1), update))],
      ["message", message(Tag.gossip, encodeGossip(long, PeerName.fromUint(1), new Uint8Array(9)))],
    ]),
  );
  const longest = Math.max(...text.split("\n").map((line) => line.length));
  t.true(longest < 10_000, `${longest}`);
  t.true(text.includes("... (2,000,000 bytes)"));
  t.regex(text, / {2}and \d+ more\n/);
});

test("narrator: of one update 1,000 lines of news are shown, and the number of the others", (t) => {
  const update = encodeUpdate([describedPeer(1, "one", "10.0.0.1:6783", 1500)]);
  const text = narrate(
    session([["message", message(Tag.gossip, encodeGossip("topology", PeerName.fromUint(1), update))]]),
  );
  t.is(text.match(/ dialled 00:.* at 10\.0\.0\.1/g)?.length, 999);
  t.regex(text, /\n +and 501 more\n/);
  // The list of those that a peer dialled is cut, too.
  t.regex(text, /1500 connections, dialled 00:00:00:00:00:64, .*, and \d+ more\n/);
});
