import type { Socket, Transport } from "../../src/testing.ts";

/**
 * Counts what goes out by a transport's sockets: protocol messages, each of which is one write of one frame. What is
 * written before the features (header and key) is no frame, and the features are the first one.
 */
export class SentMessages {
  messages = 0;
  bytes = 0;

  /** The same transport, counted. */
  over(transport: Transport): Transport {
    return {
      ...transport,
      listen: (options, accept, failed) =>
        transport.listen(options, (socket) => accept(this.#counted(socket)), failed),
      dial: async (options) => this.#counted(await transport.dial(options)),
    };
  }

  #counted(socket: Socket): Socket {
    let frames = 0;
    const write = socket.write.bind(socket);
    socket.write = (chunk) => {
      this.bytes += chunk.length;
      if (isFrame(chunk) && frames++ > 0) this.messages++;
      return write(chunk);
    };
    return socket;
  }
}

function isFrame(chunk: Uint8Array): boolean {
  return (
    chunk.length > 4 &&
    new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength).getUint32(0) === chunk.length - 4
  );
}
