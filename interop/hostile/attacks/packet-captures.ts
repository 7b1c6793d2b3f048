import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommandAttack } from "../attack.ts";
import { type End, PacketWriter, TcpConversation, tcp } from "../bytes/packets.ts";
import { gossipMessage, plainStreams } from "../bytes/session-file.ts";

const client: End = { address: [10, 0, 0, 1], port: 40_000 };
const server: End = { address: [10, 0, 0, 2], port: 6783 };

/** A session of ten messages; `between` adds what it likes after each of them. */
function conversation(between: (talk: TcpConversation, n: number) => void): Buffer {
  const writer = new PacketWriter();
  const talk = new TcpConversation(writer, client, server);
  const streams = plainStreams({ messages: [] });
  talk.open();
  talk.send("client", streams.dialler);
  talk.send("server", streams.listener);
  for (let n = 0; n < 10; n++) {
    const message = gossipMessage("numbers", Buffer.from(`message ${n}`));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    talk.send("client", Buffer.concat([length, message]));
    between(talk, n);
  }
  talk.close();
  return writer.bytes();
}

const afterTheSecond = (action: (talk: TcpConversation) => void) => () =>
  conversation((talk, n) => {
    if (n === 1) action(talk);
  });

function segmentsWithHoles(count: number, step: number): Buffer {
  const writer = new PacketWriter();
  const talk = new TcpConversation(writer, client, server);
  talk.open();
  talk.send("client", plainStreams({ messages: [] }).dialler);
  const one = Buffer.of(0x61);
  const start = talk.next.client + 10;
  for (let n = 0; n < count; n++) {
    talk.raw("client", {
      sequence: start + n * step,
      acknowledge: talk.next.server,
      flags: tcp.ack,
      payload: one,
    });
  }
  return writer.bytes();
}

/** The same, from the last to the first. */
function segmentsBackwards(count: number): Buffer {
  const writer = new PacketWriter();
  const talk = new TcpConversation(writer, client, server);
  talk.open();
  talk.send("client", plainStreams({ messages: [] }).dialler);
  const one = Buffer.of(0x61);
  for (let n = count; n > 0; n--) {
    const sequence = talk.next.client + 10 + n * 2;
    talk.raw("client", { sequence, acknowledge: talk.next.server, flags: tcp.ack, payload: one });
  }
  return writer.bytes();
}

function manyConnections(count: number, bytes: Uint8Array): Buffer {
  const writer = new PacketWriter();
  for (let n = 0; n < count; n++) {
    const address = [10, 1 + (n >> 16), (n >> 8) & 255, n & 255] as const;
    const talk = new TcpConversation(writer, { address, port: 40_000 }, server);
    talk.open();
    talk.send("client", bytes);
  }
  return writer.bytes();
}

interface Capture {
  bytes: () => Buffer;
  /** The number of the ten messages that must be found, if the capture has them. */
  messages?: number;
  /** The note on the forgery that the output must contain. */
  says?: RegExp;
}

const forged = /forged|spoof|ignored|contradict|out of|outside|differ|not valid|unexpected|reset/i;

const captures: Record<string, Capture> = {
  "80,000 segments of one byte with holes": { bytes: () => segmentsWithHoles(80_000, 2) },
  "300,000 segments of one byte with holes": { bytes: () => segmentsWithHoles(300_000, 2) },
  "300,000 segments of one byte, the last first": { bytes: () => segmentsBackwards(300_000) },
  "60,000 segments far apart": { bytes: () => segmentsWithHoles(60_000, 10_000) },
  "20,000 connections": { bytes: () => manyConnections(20_000, plainStreams({ messages: [] }).dialler) },
  "20,000 connections of a SYN and a header": {
    bytes: () => manyConnections(20_000, plainStreams({ messages: [] }).dialler.subarray(0, 7)),
  },
  "a reset far outside of the window": {
    bytes: afterTheSecond((talk) =>
      talk.raw("server", { sequence: talk.next.server + 1_000_000_000, flags: tcp.rst }),
    ),
    messages: 10,
    says: forged,
  },
  "a reset inside of the window, but not at its start": {
    bytes: afterTheSecond((talk) => talk.raw("server", { sequence: talk.next.server + 77, flags: tcp.rst })),
    messages: 10,
    says: forged,
  },
  "a SYN with another sequence number": {
    bytes: afterTheSecond((talk) => talk.raw("client", { sequence: 77_777, flags: tcp.syn })),
    messages: 10,
    says: forged,
  },
  "a SYN-ACK with another sequence number": {
    bytes: afterTheSecond((talk) => talk.raw("server", { sequence: 99, acknowledge: 1, flags: tcp.synAck })),
    messages: 10,
  },
  "a FIN far outside of the window": {
    bytes: afterTheSecond((talk) =>
      talk.raw("client", { sequence: talk.next.client + 1_000_000_000, flags: tcp.finAck }),
    ),
    messages: 10,
  },
  "data far outside of the window": {
    bytes: afterTheSecond((talk) =>
      talk.raw("client", {
        ...{ sequence: talk.next.client - 1_000_000_000, acknowledge: talk.next.server, flags: tcp.ack },
        payload: Buffer.alloc(1_000, 0x66),
      }),
    ),
    messages: 10,
  },
  "a contradicting retransmission": {
    bytes: afterTheSecond((talk) =>
      talk.raw("client", {
        ...{ sequence: talk.next.client - 10, acknowledge: talk.next.server, flags: tcp.ack },
        payload: Buffer.alloc(10, 0x66),
      }),
    ),
    messages: 10,
    says: forged,
  },
};

export default defineCommandAttack<Capture>({
  title: "hostile packet captures for inspect",
  group: "files",
  limits: ["pieces out of order of a TCP connection", "connections of a packet capture"],
  variants: captures,
  gate: ["80,000 segments of one byte with holes", "a reset far outside of the window"],
  bars: { cpuSeconds: 5, memoryMiB: 512 },
  async command({ folder }, { bytes }) {
    const file = join(folder, "input.pcap");
    await writeFile(file, bytes());
    return { arguments: ["inspect", file] };
  },
  check({ stdout, stderr }, { messages, says }) {
    if (messages === undefined) return undefined;
    const found = new Set(stdout.match(/message \d/g)).size;
    if (found !== messages) return `${found} of ${messages} messages found`;
    return says === undefined || says.test(stdout + stderr) ? undefined : "nothing is said of the forgery";
  },
});
