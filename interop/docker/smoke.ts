/**
 * Proves that docker-compose.yml works: brings the mixed mesh up, looks at it through every peer, kills and
 * restarts peers of both languages, and takes it down. `npm run compose:smoke -- --help`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { until } from "../driver/wait.ts";
import { Checks } from "./checks.ts";
import { docker } from "./command.ts";
import { allServices, Compose, type Service } from "./compose.ts";
import { command, flavourOf } from "./flags.ts";
import { agree, controlOf } from "./mesh-view.ts";

const usage = `Usage: npm run compose:smoke [-- OPTIONS]
  --flavour F   mac or hash; default both, one after the other

Its containers, network and ports are its own: a mesh of \`npm run compose:up\` may be running meanwhile.`;

const { values } = parseArgs({
  options: { flavour: { type: "string" }, help: { type: "boolean", default: false } },
});

const deliveredWithinMs = 10_000;

await command(async () => {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const checks = new Checks();
  const flavours = values.flavour === undefined ? (["mac", "hash"] as const) : [flavourOf(values.flavour)];
  for (const flavour of flavours) {
    const compose = await Compose.prepare({ flavour, password: `of-${flavour}`, temporary: true });
    await Compose.removeAbandoned();
    console.log(`${compose.command.join(" ")}, ${flavour} names`);
    await smoke(compose, checks);
  }
  return checks.finish();
});

async function smoke(compose: Compose, checks: Checks): Promise<void> {
  const downAtExit = () => compose.downAtExit();
  const interrupted = () => process.exit(130);
  process.once("exit", downAtExit);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, interrupted);
  try {
    const passed =
      (await checks.check("six peers come up and agree", async () => {
        await compose.up();
        await agree(compose, allServices);
      })) &&
      (await checks.check("a Go peer's broadcast is printed by every weave-mesh join", () =>
        goBroadcasts(compose),
      )) &&
      (await checks.check("a line typed to weave-mesh join reaches every Go peer", () =>
        joinBroadcasts(compose),
      )) &&
      (await checks.check("a Go peer is killed and comes back", () => killAndRestart(compose, "go-2"))) &&
      (await checks.check("a TypeScript peer is killed and comes back", () =>
        killAndRestart(compose, "ts-2"),
      )) &&
      (await checks.check("the first peer of each language is killed and comes back", async () => {
        await killAndRestart(compose, "ts-1");
        await killAndRestart(compose, "go-1");
      }));
    if (!passed) console.log(await compose.logs());
  } finally {
    await checks.check("everything is taken down", () => takeDown(compose));
    process.off("exit", downAtExit);
  }
}

async function goBroadcasts(compose: Compose): Promise<void> {
  const control = await controlOf(compose, "go-1");
  await control.broadcast("default", Buffer.from("from go-1"));
  await until("all joins print it", { withinMs: deliveredWithinMs }, async () => {
    const wanted = `"source":"${compose.nameOf("go-1")}","text":"from go-1"`;
    for (const service of allServices.filter((name) => name.startsWith("ts-"))) {
      const written = await docker("logs", await compose.container(service));
      if (!written.includes(wanted)) return `${service} has not`;
    }
    return undefined;
  });
}

async function joinBroadcasts(compose: Compose): Promise<void> {
  const container = await compose.container("ts-1");
  const attached = spawn("docker", ["attach", "--sig-proxy=false", container], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(attached, "exit");
  try {
    attached.stdin.write("broadcast from ts-1\n");
    await until("all Go peers receive it", { withinMs: deliveredWithinMs }, async () => {
      for (const service of allServices.filter((name) => name.startsWith("go-"))) {
        const messages = await (await controlOf(compose, service)).received();
        if (!messages.some(({ bytes }) => bytes.toString() === "from ts-1")) return `${service} has not`;
      }
      return undefined;
    });
  } finally {
    attached.kill("SIGKILL"); // it does not heed SIGTERM; the peer lives on
    await ended;
  }
}

/** The others forget a killed peer, and agree with it about everything once it is back under its old name. */
async function killAndRestart(compose: Compose, service: Service): Promise<void> {
  await compose.kill(service);
  await agree(
    compose,
    allServices.filter((name) => name !== service),
  );
  await compose.up(service);
  await agree(compose, allServices);
}

async function takeDown(compose: Compose): Promise<void> {
  await compose.down();
  for (const service of allServices) {
    if ((await compose.container(service)) !== "") throw new Error(`${service} still has a container`);
  }
}
