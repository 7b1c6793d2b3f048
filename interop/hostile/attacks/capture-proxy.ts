import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { defineCommandAttack, type HostileCommand, type Workshop } from "../attack.ts";
import { header } from "../bytes/features.ts";
import { plainStreams } from "../bytes/session-file.ts";

interface Load {
  /** Connections that are opened first and say nothing. */
  idle: number;
  /** Whether the first connection sends as fast as it can; else it asks ten times a second. */
  flood: boolean;
  preload?: string;
  shell?: string;
}

const loads: Record<string, Load> = {
  "slow disk, one that floods": { idle: 0, flood: true, preload: "slow-disk" },
  "80 idle connections with 200 descriptors": { idle: 80, flood: false, shell: "ulimit -n 200" },
  "400 idle connections": { idle: 400, flood: false },
};

/** Connects as soon as the proxy listens. */
async function dial(host: string, port: number, localAddress: string): Promise<Socket | undefined> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect({ host, port, localAddress });
    socket.on("error", () => {});
    const connected = await Promise.race([
      once(socket, "connect").then(
        () => true,
        () => false,
      ),
      once(socket, "close").then(
        () => false,
        () => false,
      ),
    ]);
    if (connected) return socket;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}

async function run(workshop: Workshop, { idle, flood, preload, shell }: Load): Promise<HostileCommand> {
  const { network, folder, atEnd } = workshop;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true }, (socket) => {
    keep(socket);
    if (flood) socket.resume();
    else socket.pipe(socket); // an echo: what the honest client measures
  });
  server.listen(6783, `${network}.1`);
  await once(server, "listening");
  let over = false;
  let answers = 0;
  let cutAfterMs: number | undefined;
  atEnd(() => {
    over = true;
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  void (async () => {
    const client = await dial(`${network}.2`, 6783, `${network}.10`);
    if (client === undefined) return;
    keep(client);
    const started = performance.now();
    client.on("close", () => {
      cutAfterMs = performance.now() - started;
    });
    client.on("data", () => {
      answers++;
    });
    client.write(plainStreams({ messages: [] }).dialler);
    for (let n = 0; n < idle && !over; n++) {
      const socket = connect({
        host: `${network}.2`,
        port: 6783,
        localAddress: `${network}.${20 + (n % 100)}`,
      });
      keep(socket);
      socket.write(header(1, 2));
      if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const chunk = flood ? Buffer.alloc(64 * 1024, 1) : Buffer.of(1);
    while (!over && !client.destroyed) {
      if (!client.write(chunk))
        await Promise.race([once(client, "drain"), once(client, "close")]).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, flood ? 0 : 100));
    }
  })();

  return {
    arguments: [
      "capture",
      "--listen",
      `${network}.2:6783`,
      "--to",
      `${network}.1:6783`,
      "--out",
      join(folder, "out"),
    ],
    ...(preload === undefined ? {} : { preload }),
    ...(shell === undefined ? {} : { shell }),
    interruptAfterMs: 8_000,
    // A recording that the disk does not take is given up, and the status says so; the connection goes on.
    statuses: preload === undefined ? [0] : [0, 1],
    async check() {
      if (!flood && answers < 20) return `the honest session had ${answers} answers in 8 s`;
      const files = await readdir(join(folder, "out"));
      for (const file of files) {
        const { mode } = await stat(join(folder, "out", file));
        if ((mode & 0o077) !== 0) return `${file} can be read by others (mode ${(mode & 0o777).toString(8)})`;
      }
      // It ends with the command, 8 s after that has been started.
      return cutAfterMs !== undefined && cutAfterMs < 5_000 ? "the honest session was cut" : undefined;
    },
  };
}

export default defineCommandAttack<Load>({
  title: "the recording proxy with a slow disk, and with idle connections",
  group: "files",
  limits: ["records that wait for the disk", "connections of the proxy"],
  variants: loads,
  bars: { cpuSeconds: 12, memoryMiB: 64 },
  command: run,
});
