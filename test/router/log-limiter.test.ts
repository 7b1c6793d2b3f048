import test from "ava";
import { PeerName } from "../../src/peer-name.ts";
import { ConnectionLog } from "../../src/router/connection-log.ts";
import { DropReport, dropReportMs } from "../../src/router/drop-report.ts";
import { LogLimiter, logBurstLines, logLinesPerSecond, logSummaryMs } from "../../src/router/log-limiter.ts";
import { VirtualClock } from "../../src/testing.ts";
import { Peer } from "../../src/topology/index.ts";

function limiter() {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const lines: string[] = [];
  const log = {
    clock,
    write: (line: string) => lines.push(line),
    leftOut: (n: number) => lines.push(`-${n}`),
  };
  return { clock, lines, limiter: new LogLimiter(log) };
}

test("log limiter: a burst is written whole, then a few lines per second, and the others are counted", async (t) => {
  const { clock, lines, limiter: log } = limiter();
  let built = 0;
  const text = (): string => {
    built++;
    return "line";
  };
  for (let i = 0; i < 10_000; i++) log.line(text);
  t.is(lines.length, logBurstLines);
  t.is(built, logBurstLines, "the text of a line that is left out is not even built");
  await clock.advance(1_000);
  for (let i = 0; i < 100; i++) log.line(text);
  t.is(lines.length, logBurstLines + logLinesPerSecond);
  await clock.advance(logSummaryMs);
  t.is(lines.at(-1), `-${10_000 - logBurstLines + 100 - logLinesPerSecond}`);
  // Silence brings no further summaries, and a full burst.
  await clock.advance(3_600_000);
  const before = lines.length;
  for (let i = 0; i < logBurstLines; i++) log.line(text);
  t.is(lines.length, before + logBurstLines);
});

test("log limiter: a flood of an hour is at most its rate, with one summary each interval", async (t) => {
  const { clock, lines, limiter: log } = limiter();
  for (let second = 0; second < 3600; second++) {
    for (let i = 0; i < 50; i++) log.line(() => "line");
    await clock.advance(1_000);
  }
  t.is(lines.filter((line) => line === "line").length, logBurstLines + 3599 * logLinesPerSecond);
  t.true(lines.filter((line) => line !== "line").length <= 3_600_000 / logSummaryMs);
});

test("log limiter: flush writes the summary at once and leaves no timer", async (t) => {
  const { clock, lines, limiter: log } = limiter();
  for (let i = 0; i <= logBurstLines; i++) log.line(() => "line");
  log.flush();
  t.is(lines.at(-1), "-1");
  log.flush();
  await clock.advance(logSummaryMs * 2);
  t.is(lines.length, logBurstLines + 1);
});

test("drop report: the first drop is told at once, then sums at most once in an interval", async (t) => {
  const clock = new VirtualClock(0);
  const lines: string[] = [];
  const report = new DropReport(clock, (line) => lines.push(line));
  const line = (messages: number, bytes: number): string =>
    `dropped ${messages} messages (${bytes} bytes) that waited to be sent`;
  for (let i = 0; i < 1000; i++) report.add(1, 10);
  t.deepEqual(lines, [line(1, 10)]);
  await clock.advance(dropReportMs);
  t.deepEqual(lines, [line(1, 10), line(999, 9990)]);
  await clock.advance(dropReportMs);
  t.is(lines.length, 2);
  report.add(2, 5);
  report.add(3, 5);
  report.flush();
  t.deepEqual(lines.slice(2), [line(2, 5), line(3, 5)]);
  await clock.advance(dropReportMs * 2);
  t.is(lines.length, 4);
});

test("connection log: a silent logger gets no lines of messages, and no text is built for them", (t) => {
  const fail = (): string => {
    t.fail();
    return "";
  };
  const host = { clock: new VirtualClock(0), silent: true, log: fail, warn: fail };
  const log = new ConnectionLog(host, "10.0.0.2:6783", () => undefined);
  log.line("line");
  log.ignored("line");
  log.received(fail);
  t.pass();
});

test("connection log: the end of a connection comes after the lines that were left out", async (t) => {
  const clock = new VirtualClock(0);
  const lines: string[] = [];
  const log = new ConnectionLog(
    { clock, silent: false, log: (line) => lines.push(line), warn: (line) => lines.push(line) },
    "10.0.0.2:6783",
    () => new Peer({ name: PeerName.parse("::2"), nickName: "two" }),
  );
  for (let i = 0; i < logBurstLines + 5; i++) log.ignored("ignoring blank msg");
  log.dropped(1, 10);
  log.dropped(2, 20);
  log.ended(new Error("EOF"), undefined);
  const prefix = "->[10.0.0.2:6783|00:00:00:00:00:02(two)]: ";
  t.deepEqual(
    lines.slice(logBurstLines).map((line) => line.replace(prefix, "")),
    [
      "dropped 1 messages (10 bytes) that waited to be sent",
      "left out 5 log lines about messages of this connection",
      "dropped 2 messages (20 bytes) that waited to be sent",
      "connection shutting down due to error: EOF",
    ],
  );
  await clock.advance(60_000);
  t.is(lines.length, logBurstLines + 4);
});
