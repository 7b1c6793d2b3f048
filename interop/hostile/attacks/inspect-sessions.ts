import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommandAttack } from "../attack.ts";
import { doublingTypes } from "../bytes/gob.ts";
import { broadcastMessage, gossipMessage, sessionFile } from "../bytes/session-file.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { hostileText, rawCharacters } from "../output-characters.ts";

interface Reading {
  text: () => string;
  /** Whether the output must be free of raw control characters. */
  output?: boolean;
}

const hostileSession = () =>
  sessionFile({
    nickName: hostileText,
    messages: [
      gossipMessage(hostileText, Buffer.from(hostileText)),
      broadcastMessage("default", Buffer.from(hostileText)),
      gossipMessage(
        "topology",
        topologyUpdate([
          {
            ...{ name: fakeName(1), nickName: hostileText, uid: 1n, version: 1n },
            connections: [{ name: fakeName(2), address: hostileText }],
          },
        ]),
      ),
      Buffer.from([99, ...Buffer.from(hostileText)]),
      Buffer.from([4, ...Buffer.from(hostileText)]),
    ],
  }).replaceAll("10.0.0.1:40000", JSON.stringify(hostileText).slice(1, -1));

const readings: Record<string, Reading> = {
  "type graph of 40 definitions in a payload": {
    text: () => sessionFile({ messages: [gossipMessage("state", doublingTypes(40))] }),
  },
  "type graph of 22 levels, 20 times": {
    text: () =>
      sessionFile({ messages: Array.from({ length: 20 }, () => gossipMessage("state", doublingTypes(22))) }),
  },
  "type graph as an envelope": {
    text: () => sessionFile({ messages: [Buffer.concat([Buffer.of(4), doublingTypes(40)])] }),
  },
  "type graph as a topology update": {
    text: () => sessionFile({ messages: [gossipMessage("topology", doublingTypes(40))] }),
  },
  "200,000 messages": {
    text: () =>
      sessionFile({ messages: Array.from({ length: 200_000 }, () => gossipMessage("x", Buffer.of(1))) }),
  },
  "100,000 channels": {
    text: () =>
      sessionFile({
        messages: Array.from({ length: 100_000 }, (_, n) => gossipMessage(`c${n}`, Buffer.of(1))),
      }),
  },
  "100 topology updates of 10,000 new peers": {
    text: () =>
      sessionFile({
        messages: Array.from({ length: 20 }, (_, i) =>
          gossipMessage(
            "topology",
            topologyUpdate(
              Array.from({ length: 10_000 }, (_, n) => ({
                ...{ name: fakeName(i * 10_000 + n), uid: 1n, version: 1n, connections: [] },
              })),
            ),
          ),
        ),
      }),
  },
  "a line of 200 MiB": {
    text: () =>
      `${sessionFile({ messages: [] })}{"at":9,"from":"dialler","bytes":"${"00".repeat(100 << 20)}"}\n`,
  },
  "a line without end": {
    text: () => `{"format":"weave-mesh-session","version":1,"x":"${"a".repeat(200 << 20)}`,
  },
  "control characters": { text: hostileSession, output: true },
};

const variants: Record<string, Reading & { json: boolean }> = {};
for (const [name, reading] of Object.entries(readings)) {
  variants[name] = { ...reading, json: false };
  variants[`${name}, --json`] = { ...reading, json: true };
}

export default defineCommandAttack<Reading & { json: boolean }>({
  title: "hostile session files for inspect",
  group: "files",
  limits: ["text of a type", "line of a session file", "topology of a session"],
  variants,
  gate: ["type graph of 40 definitions in a payload", "control characters", "control characters, --json"],
  bars: { cpuSeconds: 15, memoryMiB: 768 },
  async command({ folder }, { text, json }) {
    const file = join(folder, "input.session.jsonl");
    await writeFile(file, text());
    return { arguments: ["inspect", file, ...(json ? ["--json"] : [])] };
  },
  check({ stdout, stderr }, { output }) {
    if (output !== true) return undefined;
    if (/^forged/m.test(stdout + stderr)) return "a line was forged";
    const found = rawCharacters(stdout + stderr);
    return found.length === 0 ? undefined : `written as they are: ${found.join(", ")}`;
  },
});
