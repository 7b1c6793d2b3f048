import { connect } from "node:net";
import { defineCommandAttack } from "../attack.ts";
import { gobBytes, gobInt, gobMessage, gobType, structType } from "../bytes/gob.ts";

const definitions = Buffer.concat([
  structType(65, "Request", [
    ["ServiceMethod", gobType.string],
    ["Seq", gobType.uint],
  ]),
  structType(66, "Args", [
    ["A", gobType.int],
    ["B", gobType.int],
  ]),
]);
const call = Buffer.concat([
  gobMessage(gobInt(65), Buffer.of(1), gobBytes("Arith.Multiply"), Buffer.of(1), Buffer.of(7), Buffer.of(0)),
  gobMessage(gobInt(66), Buffer.of(1), gobInt(3), Buffer.of(1), gobInt(4), Buffer.of(0)),
]);

export default defineCommandAttack({
  title: "a net/rpc client that calls and never reads, on the example",
  group: "files",
  bars: { cpuSeconds: 15, memoryMiB: 256 },
  command({ network, atEnd }) {
    let over = false;
    atEnd(() => {
      over = true;
    });
    const calls = Buffer.concat(Array.from({ length: 2_000 }, () => call));
    const attack = () => {
      if (over) return;
      const socket = connect({ host: `${network}.1`, port: 7000 });
      socket.pause();
      socket.on("error", () => {});
      socket.on("close", () => setTimeout(attack, 100));
      socket.on("connect", () => {
        socket.write(definitions);
        const send = () => {
          while (!over && socket.write(calls));
          if (!over) socket.once("drain", send);
        };
        send();
      });
      atEnd(() => socket.destroy());
    };
    attack();
    return {
      script: "examples/net-rpc/main.ts",
      arguments: ["serve", `${network}.1:7000`],
      interruptAfterMs: 10_000,
      statuses: [0, 130, "SIGINT"],
    };
  },
});
