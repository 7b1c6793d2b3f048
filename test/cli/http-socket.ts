import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { HostPort } from "../../src/cli/arguments.ts";

/** Sends text over a new connection and returns all that comes back until the server ends it. */
export async function exchange(address: HostPort, text: string): Promise<string> {
  const socket = connect(address.port, address.host);
  socket.write(text, "latin1");
  return received(socket);
}

/** Opens a connection. */
export async function open({ host, port }: HostPort): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, "connect");
  return socket;
}

/** Returns all that comes over a connection until it ends, and "reset" in place of nothing if it is reset. */
export async function received(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
  });
  let code: string | undefined;
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  if (!socket.closed) await once(socket, "close").catch(() => {});
  return text === "" && code === "ECONNRESET" ? "reset" : text;
}
