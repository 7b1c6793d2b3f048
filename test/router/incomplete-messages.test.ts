import test from "ava";
import { Deadline } from "../../src/router/deadline.ts";
import {
  IncompleteMessages,
  maxIncompleteBytes,
  type PausableReading,
  uncountedBytes,
} from "../../src/router/incomplete-messages.ts";
import { MessageReader } from "../../src/router/message-reader.ts";
import { type Socket, VirtualClock } from "../../src/transport/index.ts";
import type { FrameReader } from "../../src/wire/index.ts";

const mebibyte = 1024 * 1024;

class Reading implements PausableReading {
  paused = false;

  pauseReading(): void {
    this.paused = true;
  }

  resumeReading(): void {
    this.paused = false;
  }
}

test("incomplete messages: small ones are not counted, and never paused", (t) => {
  const budget = new IncompleteMessages(mebibyte);
  const readings = Array.from({ length: 100 }, () => new Reading());
  for (const reading of readings) budget.hold(reading, uncountedBytes);
  t.is(budget.bytes, 0);
  t.false(readings.some(({ paused }) => paused));
});

test("incomplete messages: by default they hold at most 128 MiB, and what comes once all are paused", (t) => {
  const budget = new IncompleteMessages();
  const readings = Array.from({ length: 60 }, () => new Reading());
  const chunk = 64 * 1024;
  for (let bytes = 5 * chunk; bytes < 10 * mebibyte; bytes += chunk) {
    for (const reading of readings) if (!reading.paused) budget.hold(reading, bytes);
  }
  t.true(readings.every(({ paused }) => paused));
  t.true(budget.bytes > maxIncompleteBytes);
  t.true(budget.bytes <= maxIncompleteBytes + readings.length * chunk, `${budget.bytes}`);
});

test("incomplete messages: beyond the limit the largest is paused, whoever grows", (t) => {
  const budget = new IncompleteMessages(4 * mebibyte);
  const [large, small] = [new Reading(), new Reading()];
  budget.hold(large, 3.5 * mebibyte);
  budget.hold(small, mebibyte);
  t.deepEqual([large.paused, small.paused], [true, false]);
});

test("incomplete messages: what was paused goes on when a message is complete or its connection ends", (t) => {
  for (const end of ["complete", "ended"] as const) {
    const budget = new IncompleteMessages(4 * mebibyte);
    const [large, small] = [new Reading(), new Reading()];
    budget.hold(large, 3.5 * mebibyte);
    budget.hold(small, mebibyte);
    if (end === "complete") budget.hold(small, 0);
    else budget.release(small);
    t.false(large.paused);
    t.is(budget.bytes, 3.5 * mebibyte);
    budget.release(large);
    budget.release(large);
    t.is(budget.bytes, 0);
  }
});

/** A reader of messages of which `held` bytes of an incomplete one have arrived. */
function readerOf(incomplete: IncompleteMessages, held: { bytes: number }) {
  const clock = new VirtualClock();
  const events: string[] = [];
  const messages: Uint8Array[] = [];
  let handled: (() => void) | undefined;
  const reader = new MessageReader({
    clock,
    deadline: new Deadline(clock, () => events.push("deadline")),
    socket: {
      pause: () => events.push("pause"),
      resume: () => events.push("resume"),
    } as Partial<Socket> as Socket,
    incoming: {
      next: () => messages.shift(),
      end: () => undefined,
      get heldBytes() {
        return held.bytes;
      },
    } as Partial<FrameReader> as FrameReader,
    incomplete,
    handle: () => new Promise((resolve) => (handled = resolve)),
    failed: (error) => events.push(error.message),
    ended: () => events.push("ended"),
  });
  return { clock, events, messages, reader, finish: () => handled?.() };
}

test("incomplete messages: a reader counts what it waits for, and lets go of it when it stops", (t) => {
  const budget = new IncompleteMessages(mebibyte);
  const { reader, events } = readerOf(budget, { bytes: 2 * mebibyte });
  reader.read();
  t.is(budget.bytes, 2 * mebibyte);
  t.deepEqual(events, ["pause"]);
  reader.stop();
  t.is(budget.bytes, 0);
  t.deepEqual(events, ["pause"], "a stopped reader does not resume its socket");
});

test("incomplete messages: the time limit of a paused connection's message goes on", async (t) => {
  const { reader, events, clock } = readerOf(new IncompleteMessages(mebibyte), { bytes: 2 * mebibyte });
  reader.read();
  await clock.advance(60_000);
  t.deepEqual(events, ["pause", "deadline"]);
});

test("incomplete messages: a socket goes on only when neither the budget nor a gossiper holds it", async (t) => {
  const budget = new IncompleteMessages(mebibyte);
  const held = { bytes: 2 * mebibyte };
  const { reader, events, messages, finish } = readerOf(budget, held);
  reader.read();
  messages.push(new Uint8Array(1));
  reader.read();
  t.deepEqual(events, ["pause", "pause"]);
  finish();
  await new Promise(setImmediate);
  t.deepEqual(events, ["pause", "pause"], "the budget still holds it");
  held.bytes = 0;
  reader.read();
  t.deepEqual(events, ["pause", "pause", "resume"]);
});
