import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Handshake, type Session } from "../../src/wire/index.ts";
import type { Workshop } from "./attack.ts";

/** What a hostile server does. */
export interface MeshServer {
  nickName?: string;
  /** Called once the handshake is done. Nothing is read after it. */
  onSession(session: Session, socket: Socket): void;
  /** Accept, and say nothing. */
  silent?: boolean;
}

/** Serves plain mesh connections for a command to dial. @returns HOST:PORT. */
export async function serveMesh(
  workshop: Workshop,
  { nickName = "server", onSession, silent }: MeshServer,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    if (silent === true) return void socket.resume();
    const handshake = new Handshake({
      ...{ minVersion: 1, maxVersion: 2, outbound: false },
      features: new Map([
        ["PeerNameFlavour", "mac"],
        ["Name", "02:00:00:00:00:02"],
        ["NickName", nickName],
        ["UID", "5"],
        ["ConnID", `${randomBytes(8).readBigUInt64BE()}`],
        ["Trusted", "false"],
      ]),
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
    });
    let session: Session | undefined;
    socket.write(handshake.start());
    socket.on("data", (chunk: Buffer) => {
      if (session !== undefined) return;
      const result = handshake.push(new Uint8Array(chunk));
      for (const part of result.write) socket.write(part);
      session = result.session;
      if (session !== undefined) onSession(session, socket);
    });
  });
  server.listen(0, `${workshop.network}.1`);
  await once(server, "listening");
  workshop.atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as { port: number };
  return `${workshop.network}.1:${port}`;
}
