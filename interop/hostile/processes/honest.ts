/**
 * Two honest neighbours of the victim. One sends the other a unicast through the victim every few milliseconds.
 * Lines: `mark` begins a measurement, `report` tells its figures.
 */

import { PeerName } from "../../../src/peer-name.ts";
import { encodeUnicast, Tag } from "../../../src/wire/index.ts";
import { RawPeer } from "../../runner/raw-peer.ts";
import { onLine, specification, tell } from "./lines.ts";

interface HonestSpec {
  target: { host: string; port: number };
  network: string;
  password: string | null;
  version: 1 | 2;
  peers: { name: string; uid: string }[];
}

const intervalMs = 4;
const spec = specification<HonestSpec>();

/** Pings that were not answered yet: when each was sent, by its number. */
const waiting = new Map<number, number>();
let next = 0;
let answered = 0;
let longest = 0;
let markedAt = performance.now();
let lastLong = 0;

function onPing(message: Uint8Array): void {
  if (message[0] !== Tag.unicast || message.length > 200) return;
  const number = Buffer.from(message.buffer, message.byteOffset + message.length - 8, 8).readDoubleBE();
  const sent = waiting.get(number);
  if (sent === undefined) return;
  waiting.delete(number);
  answered++;
  note(performance.now() - Math.max(sent, markedAt));
}

function note(gap: number): void {
  if (gap > longest) longest = gap;
  if (gap > 100) lastLong = performance.now();
}

const [sender, receiver] = await Promise.all(
  spec.peers.map(({ name, uid }, index) =>
    RawPeer.dial(spec.target, {
      ...{ name: PeerName.parse(name), uid: BigInt(uid), flavour: "mac", version: spec.version },
      ...(spec.password === null ? {} : { password: spec.password }),
      localHost: `${spec.network}.${20 + index}`,
      onMessage: index === 1 ? onPing : () => {},
    }),
  ),
);

let lastTick = performance.now();
let ownDelay = 0;
setInterval(() => {
  const now = performance.now();
  ownDelay = Math.max(ownDelay, now - lastTick - intervalMs);
  lastTick = now;
  const payload = Buffer.alloc(8);
  payload.writeDoubleBE(next);
  waiting.set(next++, now);
  if (sender!.broken !== undefined || receiver!.broken !== undefined) return;
  sender!.send(Tag.unicast, encodeUnicast("ping", sender!.name, receiver!.name, payload));
}, intervalMs);

// The first pings are lost, until the victim has a route to the receiver.
const watching = setInterval(() => {
  if (answered < 20) return;
  clearInterval(watching);
  tell("connected");
}, 20);

// As a Go peer does every 30 s: without it the victim ends the connections after 60 s.
setInterval(() => {
  for (const peer of [sender!, receiver!])
    if (peer.broken === undefined) peer.send(Tag.heartbeat, new Uint8Array(0));
}, 20_000);

onLine((line) => {
  const now = performance.now();
  if (line === "mark") {
    waiting.clear();
    [longest, markedAt, lastLong, ownDelay] = [0, now, 0, 0];
    lastTick = now;
    tell("marked");
  } else if (line === "report") {
    const oldest = waiting.values().next().value;
    const pending = oldest === undefined ? 0 : now - Math.max(oldest, markedAt);
    const broken = sender!.broken ?? receiver!.broken;
    tell("report", {
      gapMs: Math.max(longest, pending),
      pendingMs: pending,
      calmMs: now - Math.max(lastLong, markedAt),
      ownDelayMs: ownDelay,
      alive: broken === undefined,
      error: broken?.message,
    });
  }
});
