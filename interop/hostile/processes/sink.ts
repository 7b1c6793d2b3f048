/**
 * Takes what an attack sends and discards it, for the control run. With the password it completes handshakes, so that
 * attacks of peers get as far as sending; without, it only sends a header and discards. Tells `ready`.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { Handshake } from "../../../src/wire/index.ts";
import { featuresGob, header, plausibleFeatures } from "../bytes/features.ts";
import { onLine, specification, tell } from "./lines.ts";

interface SinkSpec {
  host: string;
  port: number;
  /** Whether to complete handshakes. */
  handshakes: boolean;
  password: string | null;
}

const spec = specification<SinkSpec>();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  if (spec.handshakes) shakeHands(socket);
  else {
    socket.write(Buffer.concat([header(1, 2), featuresGob(plausibleFeatures())]));
    socket.resume();
  }
});

function shakeHands(socket: Socket): void {
  const handshake = new Handshake({
    ...{ minVersion: 1, maxVersion: 2, outbound: false },
    features: new Map([
      ["PeerNameFlavour", "mac"],
      ["Name", "02:00:00:00:00:99"],
      ["NickName", "sink"],
      ["UID", "1"],
      ["ConnID", `${randomBytes(8).readBigUInt64BE()}`],
      ["Trusted", "false"],
    ]),
    ...(spec.password === null ? {} : { password: Buffer.from(spec.password) }),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
  });
  let done = false;
  socket.write(handshake.start());
  socket.on("data", (chunk: Buffer) => {
    if (done) return;
    try {
      const { write, session } = handshake.push(new Uint8Array(chunk));
      for (const part of write) socket.write(part);
      done = session !== undefined;
    } catch {
      done = true; // from here on it only discards
    }
  });
}

server.listen({ host: spec.host, port: spec.port }, () => tell("ready"));
onLine(() => {});
