import type { PeerName } from "weave-mesh";
import { type BenchGossiper, Messages } from "./bench-gossiper.ts";
import { Kind, Payloads } from "./payload.ts";

/** Sends unicasts as fast as they are taken, for some time; then the end mark. Returns how many. */
export async function stream(
  gossiper: BenchGossiper,
  to: PeerName,
  size: number,
  seconds: number,
): Promise<number> {
  const channel = gossiper.channel!;
  const payloads = new Payloads(size);
  const payload = payloads.make(Kind.message, 0);
  const between = size < 16384 ? 64 : 1; // messages between two looks at the clock
  const endMs = performance.now() + seconds * 1000;
  let sent = 0;
  while (performance.now() < endMs) {
    for (let i = 0; i < between; i++) {
      payloads.set(payload, Kind.message, sent++);
      await channel.unicast(to, payload);
    }
  }
  payloads.set(payload, Kind.end, sent);
  await channel.unicast(to, payload);
  return sent;
}

/** The most broadcasts that somebody has not yet confirmed. */
const broadcastWindow = 256;

/** Broadcasts for some time, with a window; returns how many, and the time until all had confirmed all. */
export async function broadcast(
  gossiper: BenchGossiper,
  receivers: number,
  size: number,
  seconds: number,
): Promise<{ sent: number; broken: number; seconds: number }> {
  const channel = gossiper.channel!;
  const payloads = new Payloads(size);
  const confirmed = new Map<PeerName, number>();
  let least = 0;
  let broken = 0;
  let wake = (): void => {};
  gossiper.ack = (from, number, intact) => {
    if (!intact) broken++;
    confirmed.set(from, number);
    if (confirmed.size < receivers) return;
    least = Math.min(...confirmed.values());
    wake();
  };
  const confirmedUpTo = async (number: number): Promise<void> => {
    while (least < number) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let sent = 0;
  while (sent % 64 !== 0 || performance.now() < endMs) {
    channel.broadcast(new Messages([payloads.make(Kind.message, sent++)]));
    if (sent - least >= broadcastWindow) await confirmedUpTo(sent - broadcastWindow + 1);
  }
  channel.broadcast(new Messages([payloads.make(Kind.end, sent)]));
  await confirmedUpTo(sent);
  return { sent, broken, seconds: (performance.now() - startMs) / 1000 };
}

/** Sends one ping after the other for some time, and gives the sorted round trips in microseconds. */
export async function pings(
  gossiper: BenchGossiper,
  to: PeerName,
  size: number,
  seconds: number,
): Promise<Float64Array> {
  const payloads = new Payloads(size);
  const trips: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  for (let number = 0; performance.now() < endMs; number++) {
    const ping = payloads.make(Kind.ping, number);
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      gossiper.pong = (answered, payload) => {
        if (answered === number && payloads.isIntact(payload, number)) resolve();
        else reject(new Error("a ping came back broken"));
      };
      gossiper.channel!.unicast(to, ping).catch(reject);
    });
    trips.push((performance.now() - startMs) * 1000);
  }
  return new Float64Array(trips).sort();
}

/** Sends unicasts at a given rate for some time, what is due every millisecond; then the end mark. Returns how many. */
export async function load(
  gossiper: BenchGossiper,
  to: PeerName,
  size: number,
  perSecond: number,
  seconds: number,
): Promise<number> {
  const payloads = new Payloads(size);
  const startMs = performance.now();
  let sent = 0;
  for (let passedMs = 0; passedMs < seconds * 1000; passedMs = performance.now() - startMs) {
    for (const due = Math.floor((passedMs * perSecond) / 1000); sent < due; ) {
      await gossiper.channel!.unicast(to, payloads.make(Kind.load, sent++));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await gossiper.channel!.unicast(to, payloads.make(Kind.end, sent));
  return sent;
}
