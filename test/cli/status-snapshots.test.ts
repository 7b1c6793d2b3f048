import test from "ava";
import { maxSnapshots, maxStatusBytes, StatusSnapshots } from "../../src/cli/status-snapshots.ts";

/** A document of one piece that says how often it was made, on a clock in the test's hands. */
function counting(text = "") {
  const state = { now: 0, made: 0 };
  const snapshots = new StatusSnapshots(
    () => [`${++state.made}${text}`],
    () => state.now,
  );
  return { state, snapshots };
}

const text = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString();

test("status snapshots: a document is shared for a second", async (t) => {
  const { state, snapshots } = counting();
  const [first, second] = await Promise.all([snapshots.acquire(() => {}), snapshots.acquire(() => {})]);
  t.is(first.snapshot, second.snapshot);
  state.now = 999;
  t.is((await snapshots.acquire(() => {})).snapshot, first.snapshot);
  state.now = 1_000;
  t.is(text((await snapshots.acquire(() => {})).snapshot.pieces), "2");
  t.is(state.made, 2);
});

test("status snapshots: one that takes long to make is shared ten times as long", async (t) => {
  const state = { now: 0, made: 0 };
  const snapshots = new StatusSnapshots(
    function* () {
      state.made++;
      state.now += 500;
      yield "x";
    },
    () => state.now,
  );
  await snapshots.acquire(() => {});
  state.now = 500 + 4_999;
  await snapshots.acquire(() => {});
  t.is(state.made, 1);
  state.now = 500 + 5_000;
  await snapshots.acquire(() => {});
  t.is(state.made, 2);
});

test("status snapshots: the event loop turns after 10 ms of work", async (t) => {
  const state = { now: 0, turns: 0, done: false };
  const snapshots = new StatusSnapshots(
    function* () {
      for (let i = 0; i < 100; i++) {
        state.now += 1;
        yield "x";
      }
    },
    () => state.now,
  );
  const turn = (): void => {
    if (state.done) return;
    state.turns++;
    setImmediate(turn);
  };
  turn();
  await snapshots.acquire(() => {});
  state.done = true;
  t.true(state.turns >= 8, `${state.turns}`);
});

test("status snapshots: at most four are kept, and the answers that send the oldest are given up", async (t) => {
  const { state, snapshots } = counting();
  const givenUp: number[] = [];
  const acquired = [];
  for (let i = 0; i < maxSnapshots + 2; i++) {
    acquired.push(await snapshots.acquire(() => givenUp.push(i)));
    state.now += 1_000;
  }
  t.deepEqual(givenUp, [0, 1]);
  t.is(snapshots.kept.size, maxSnapshots);
  for (const { release } of acquired) release();
  t.is(snapshots.kept.size, 1, "the newest is kept for the next request");
});

test("status snapshots: those kept have at most 128 MiB in total", async (t) => {
  const { state, snapshots } = counting("x".repeat(50 * 2 ** 20));
  const givenUp: number[] = [];
  for (let i = 0; i < 3; i++) {
    await snapshots.acquire(() => givenUp.push(i));
    state.now += 1_000_000;
  }
  t.deepEqual(givenUp, [0]);
});

test("status snapshots: a document of more than 64 MiB is given up, and the next request tries again", async (t) => {
  let pieces = 0;
  const piece = "x".repeat(2 ** 20);
  const snapshots = new StatusSnapshots(function* () {
    for (;;) {
      pieces++;
      yield piece;
    }
  });
  await t.throwsAsync(
    snapshots.acquire(() => {}),
    { code: "failed", message: "the status has more than 64 MiB" },
  );
  t.is(pieces, maxStatusBytes / piece.length + 1);
  await t.throwsAsync(
    snapshots.acquire(() => {}),
    { code: "failed" },
  );
});
