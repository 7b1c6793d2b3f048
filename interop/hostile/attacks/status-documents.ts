import { once } from "node:events";
import { createServer } from "node:http";
import { defineCommandAttack } from "../attack.ts";
import { hostileText, rawCharacters } from "../output-characters.ts";

const peer = (name: string, nickName: string, connections: object[] = []) => ({
  ...{ Name: name, NickName: nickName, UID: 1, ShortID: 1, Version: 1, Connections: connections },
});
const status = (peers: object[], text = "x") => ({
  ...{
    Protocol: "weave",
    ProtocolMinVersion: 1,
    ProtocolMaxVersion: 2,
    Encryption: true,
    PeerDiscovery: true,
  },
  ...{
    Name: "02:00:00:00:00:01",
    NickName: text,
    Port: 6783,
    Peers: peers,
    UnicastRoutes: [],
    BroadcastRoutes: [],
  },
  Connections: [{ Address: text, Outbound: true, State: text, Info: text, Attrs: null }],
  ...{ TerminationCount: 0, Targets: [text], OverlayDiagnostics: null, TrustedSubnets: [] },
});

const documents: Record<string, () => Iterable<string>> = {
  "control characters": () => [
    JSON.stringify(
      status(
        [
          peer("02:00:00:00:00:01", hostileText, [
            {
              Name: hostileText,
              NickName: hostileText,
              Address: hostileText,
              Outbound: true,
              Established: true,
            },
          ]),
        ],
        hostileText,
      ),
    ),
  ],
  "100,000 peers": () => [
    JSON.stringify(status(Array.from({ length: 100_000 }, (_, n) => peer(`02:00:00:${n}`, "x")))),
  ],
  "a document without end": function* () {
    yield '{"Peers": [';
    for (;;) yield `${JSON.stringify(peer("02:00:00:00:00:01", "x".repeat(60_000)))},`;
  },
  "a number of 20 MiB": () => [`{"Version": ${"9".repeat(20 << 20)}}`],
};

export default defineCommandAttack<() => Iterable<string>>({
  title: "hostile status documents for the status command",
  group: "output",
  limits: ["status document"],
  variants: documents,
  gate: ["control characters"],
  bars: { cpuSeconds: 10, memoryMiB: 512 },
  async command({ network, atEnd }, pieces) {
    const server = createServer((_, response) => {
      response.on("error", () => {});
      response.writeHead(200, { "content-type": "application/json" });
      const iterator = pieces()[Symbol.iterator]();
      const send = () => {
        for (;;) {
          const next = iterator.next();
          if (next.done === true) return void response.end();
          if (response.destroyed) return;
          if (!response.write(next.value)) return void response.once("drain", send);
        }
      };
      send();
    });
    server.listen(0, `${network}.1`);
    await once(server, "listening");
    atEnd(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as { port: number };
    return { arguments: ["status", `${network}.1:${port}`] };
  },
  check({ stdout, stderr }) {
    const found = rawCharacters(stdout + stderr);
    return found.length === 0 ? undefined : `written as they are: ${found.join(", ")}`;
  },
});
