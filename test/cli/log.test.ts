import test from "ava";
import { formatLogTime, LineLogger, logLevels } from "../../src/cli/log.ts";
import { TextSink } from "./capture-context.ts";

const now = () => new Date(2006, 0, 2, 15, 4, 5);

test("log: lines look as Go's log package writes them", (t) => {
  const sink = new TextSink();
  new LineLogger(sink, "ts-1> ", "info", now).info("->[127.0.0.1:6783] attempting connection");
  t.is(sink.text, "ts-1> 2006/01/02 15:04:05 ->[127.0.0.1:6783] attempting connection\n");
});

test("log: every number of a time has its full width", (t) => {
  t.is(formatLogTime(new Date(2026, 10, 23, 1, 2, 3)), "2026/11/23 01:02:03");
});

for (const [index, level] of logLevels.entries()) {
  test(`log: at ${level} nothing below it is written`, (t) => {
    const sink = new TextSink();
    const logger = new LineLogger(sink, "", level, now);
    for (const each of ["debug", "info", "warn", "error"] as const) logger[each](each);
    t.deepEqual(
      sink.lines.map((line) => line.split(" ").at(-1)),
      logLevels.slice(index, 4),
    );
  });
}

test("log: bytes that are not UTF-8 are escaped", (t) => {
  const sink = new TextSink();
  new LineLogger(sink, "", "info", now).info("peer a\udc80");
  t.true(sink.text.endsWith("peer a\\x80\n"));
});

test("log: a text cannot forge a second line or steer the terminal", (t) => {
  const sink = new TextSink();
  new LineLogger(sink, "n\x1b[2J> ", "info", now).info("a\r\n2006/01/02 15:04:05 b\x1b[2J\u202e\u0085\n");
  t.is(sink.text, "n\\x1b[2J> 2006/01/02 15:04:05 a\\r\\n2006/01/02 15:04:05 b\\x1b[2J\\u202e\\u0085\n");
});

test("log: a line is cut at 4 KiB", (t) => {
  const sink = new TextSink();
  new LineLogger(sink, "", "info", now).info("a".repeat(1_000_000));
  t.is(sink.text, `2006/01/02 15:04:05 ${"a".repeat(4096)}... (1,000,000 bytes)\n`);
});
