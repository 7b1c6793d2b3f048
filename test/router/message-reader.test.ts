import test from "ava";
import { Deadline } from "../../src/router/deadline.ts";
import { IncompleteMessages } from "../../src/router/incomplete-messages.ts";
import { MessageReader, maxTurnMs } from "../../src/router/message-reader.ts";
import { type Socket, VirtualClock } from "../../src/transport/index.ts";
import type { FrameReader } from "../../src/wire/index.ts";

/** A virtual clock that handling a message moves on. */
class WorkingClock extends VirtualClock {
  #workedMs = 0;

  override now(): number {
    return super.now() + this.#workedMs;
  }

  work(ms: number): void {
    this.#workedMs += ms;
  }
}

/** A reader over `count` messages of `bytes` each, all of them received, whose handling takes `costMs`. */
function setting(count: number, costMs: number, bytes = 1) {
  let arrived = count;
  const clock = new WorkingClock();
  const events: string[] = [];
  let next = 0;
  const incoming = {
    next: () => (next < arrived ? new Uint8Array(bytes).fill(next++) : undefined),
    end: () => undefined,
    heldBytes: 0,
  } as Partial<FrameReader> as FrameReader;
  const socket = {
    pause: () => events.push("pause"),
    resume: () => events.push("resume"),
  } as Partial<Socket> as Socket;
  const reader = new MessageReader({
    clock,
    deadline: new Deadline(clock, () => events.push("deadline")),
    socket,
    incoming,
    incomplete: new IncompleteMessages(),
    handle: (message) => {
      events.push(String(message[0]));
      clock.work(costMs);
    },
    failed: (error) => events.push(error.message),
    ended: () => events.push("ended"),
  });
  const arrive = (messages: number) => {
    arrived += messages;
    reader.read();
  };
  return { clock, events, reader, arrive };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));

test("message reader: messages that cost little are handled at once", (t) => {
  const { events, reader } = setting(200, 0.001);
  reader.read();
  t.deepEqual(events, numbers(0, 200));
});

test("message reader: a connection without a pause yields to the others after 4 ms, and goes on in order", async (t) => {
  const { clock, events, reader } = setting(64, maxTurnMs / 32);
  reader.read();
  clock.setTimeout(() => events.push("others"), 0);
  t.deepEqual(events, [...numbers(0, 32), "pause"]);
  await clock.advance(0);
  t.deepEqual(events.slice(33), ["resume", ...numbers(32, 64), "pause", "others", "resume"]);
});

test("message reader: large messages are timed one by one", async (t) => {
  const { clock, events, reader } = setting(3, maxTurnMs, 4096);
  reader.read();
  t.deepEqual(events, ["0", "pause"]);
  await clock.advance(0);
  t.deepEqual(
    events.filter((event) => /\d/.test(event)),
    ["0", "1", "2"],
  );
});

test("message reader: the time of messages that arrive one at a time adds up", async (t) => {
  const { clock, events, arrive } = setting(0, maxTurnMs / 2 + 0.1, 4096);
  arrive(1);
  t.deepEqual(events, ["0"]);
  arrive(1);
  t.deepEqual(events, ["0", "1", "pause"]);
  await clock.advance(0);
  t.deepEqual(events, ["0", "1", "pause", "resume"]);
});

test("message reader: the end that arrives while it yields comes after the last message", async (t) => {
  const { clock, events, reader } = setting(40, maxTurnMs / 32);
  reader.read();
  reader.finish();
  t.false(events.includes("ended"));
  await clock.advance(0);
  t.deepEqual(events.slice(-2), ["39", "ended"]);
});

test("message reader: stopped while it yields, it handles no further message and leaves no timer", async (t) => {
  const { clock, events, reader } = setting(64, maxTurnMs / 32);
  reader.read();
  reader.stop();
  await clock.advance(1);
  t.deepEqual(events, [...numbers(0, 32), "pause"]);
  t.is(clock.pendingTimers, 0);
});
