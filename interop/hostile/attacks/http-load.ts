import { defineAttack } from "../attack.ts";
import type { Field } from "../field.ts";
import type { RawConnection } from "../raw-connection.ts";

const request = (field: Field, path = "/status", more = "") =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${field.spec.http!.host}:8080\r\n${more}\r\n`);

const open = (field: Field, count: number): Promise<(RawConnection | undefined)[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) => field.connect(i % 50, field.spec.http!).catch(() => undefined)),
  );

const variants: Record<string, (field: Field) => Promise<void>> = {
  "1,000 requests byte by byte": async (field) => {
    const connections = await open(field, 1_000);
    const bytes = request(field).subarray(0, -2);
    for (let at = 0; at < 40; at++) {
      for (const connection of connections) void connection?.send(bytes.subarray(at, at + 1));
      await field.sleep(100);
    }
  },
  "requests one after the other on 50 connections": async (field) => {
    const connections = await open(field, 50);
    const bytes = Buffer.concat(Array.from({ length: 20 }, () => request(field)));
    await field.during(6_000, async () => {
      await Promise.all(connections.map((connection) => connection?.send(bytes)));
      await field.sleep(5);
    });
  },
  "requests whose answers nobody reads": async (field) => {
    const connections = await open(field, 50);
    for (const connection of connections) connection?.pause();
    const bytes = Buffer.concat(Array.from({ length: 100 }, () => request(field)));
    await field.during(6_000, async () => {
      for (const connection of connections) void connection?.send(bytes);
      await field.sleep(100);
    });
  },
  "a header without end": async (field) => {
    const connections = await open(field, 50);
    const bytes = Buffer.from(`X-${"a".repeat(60_000)}: b\r\n`);
    for (const connection of connections) await connection?.send(request(field).subarray(0, -2));
    for (let i = 0; i < 20; i++) await Promise.all(connections.map((connection) => connection?.send(bytes)));
  },
  "a body without end": async (field) => {
    const connections = await open(field, 20);
    const head = `POST /status HTTP/1.1\r\nHost: ${field.spec.http!.host}:8080\r\nContent-Length: 1000000000\r\n\r\n`;
    for (const connection of connections) await connection?.send(Buffer.from(head));
    await field.during(4_000, async () => {
      const sending = connections.map((connection) => connection?.send(Buffer.alloc(256 * 1024)));
      await Promise.race([Promise.all(sending), field.sleep(500)]);
    });
  },
};

export default defineAttack<(field: Field) => Promise<void>>({
  title: "load on the status port",
  group: "http",
  victim: { program: "join" },
  onlyOurs: true,
  limits: ["HTTP connections", "HTTP header and timeouts"],
  variants,
  async run(field, attack) {
    await field.begin();
    if (!field.spec.control) await attack(field);
  },
});
