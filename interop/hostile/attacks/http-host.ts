import { defineAttack } from "../attack.ts";

/** Hosts that a browser of a user sends when a page that it shows has its name lead to our address. */
const refused = ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", ""];
const paths = ["/status", "/", "/metrics", "/health", "/events", "/nothing"];

export default defineAttack({
  title: "requests under a foreign host name, as DNS rebinding makes them",
  group: "http",
  victim: { program: "join" },
  onlyOurs: true,
  gate: true,
  watchMs: 300,
  async run(field) {
    await field.begin();
    if (field.spec.control) return;
    const answers: string[] = [];
    const ask = async (path: string, head: string) => {
      const connection = await field.connect(0, field.spec.http!);
      await connection.send(Buffer.from(`GET ${path} HTTP/1.1\r\n${head}Connection: close\r\n\r\n`));
      await connection.endedWithin(2_000);
      return /^HTTP\/1.1 (\d+)/.exec(connection.received.toString("latin1"))?.[1] ?? "no answer";
    };
    for (const path of paths) {
      for (const host of refused) {
        const status = await ask(path, `Host: ${host}\r\n`);
        if (status !== "421" && status !== "400") answers.push(`${path} for host "${host}": ${status}`);
      }
    }
    const honest = await ask("/status", `Host: ${field.spec.http!.host}:8080\r\n`);
    if (honest !== "200") answers.push(`/status for our own address: ${honest}`);
    field.notes.answers = answers;
  },
  check: ({ notes }) => {
    const answers = (notes.answers ?? []) as string[];
    return answers.length === 0
      ? undefined
      : `${answers.length} wrong answers: ${answers.slice(0, 3).join("; ")}`;
  },
});
