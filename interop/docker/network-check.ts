/**
 * Checks `ContainerNetwork` against real containers: two Go and two TypeScript peers that are started, ended,
 * frozen and cut off from each other in every way it knows. `npx tsx interop/docker/network-check.ts`; with
 * `--long` also a partition that outlasts the peers' patience of 60 s.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disagreement } from "../driver/agreement.ts";
import { ControlClient } from "../driver/control-client.ts";
import { until } from "../driver/wait.ts";
import { Checks } from "./checks.ts";
import { docker } from "./command.ts";
import type { Container } from "./container.ts";
import { ensureDaemon } from "./daemon.ts";
import { command } from "./flags.ts";
import { goPeerImage, typeScriptPeerImage } from "./images.ts";
import { ContainerNetwork } from "./network.ts";

/** Makes a network with a running container, says so and waits to be killed. */
const abandonFlag = "--abandon";
const meshPort = 6783;
const controlPort = 8080;

await command(async () => {
  if (process.argv.includes(abandonFlag)) return abandon(await mkdtemp(join(tmpdir(), "weave-mesh-")));
  await ensureDaemon();
  const images = { go: await goPeerImage("mac"), ts: await typeScriptPeerImage() };
  const folder = await mkdtemp(join(tmpdir(), "weave-mesh-"));
  const checks = new Checks();
  try {
    await checkMesh(checks, images, folder);
    await checkIpv6(checks, images.go, folder);
    await checkAbandoned(checks);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return checks.finish();
});

async function checkMesh(checks: Checks, images: { go: string; ts: string }, folder: string): Promise<void> {
  await using network = await ContainerNetwork.create();
  const peers: Container[] = [];
  for (const [index, name] of ["go-1", "ts-1", "go-2", "ts-2"].entries()) {
    const language = index % 2 === 0 ? "go" : "ts";
    peers.push(
      await network.add({
        ...{ name, image: images[language], address: network.host(index + 1), controlPort },
        arguments: [
          ...["--mesh", `${network.host(index + 1)}:${meshPort}`, "--control", `0.0.0.0:${controlPort}`],
          ...["--hwaddr", nameOf(index), "--nickname", name, "--channel", "default", "--password", "of-mesh"],
          ...(index === 0 ? [] : ["--peer", `${network.host(1)}`]),
          ...(language === "ts" ? ["--frames", `/recordings/${name}`] : []),
        ],
        logFile: join(folder, `${name}.log`),
        folders: { "/recordings": folder },
      }),
    );
  }
  const [go1, ts1, go2, ts2] = peers as [Container, Container, Container, Container];

  await checks.check("peers in containers are started and agree", async () => {
    for (const peer of peers) await peer.start();
    await agree(peers);
  });
  await checks.check("output, log and written files of a container are read", async () => {
    const { event, name } = JSON.parse(ts1.lines[0] ?? "{}");
    equal({ event, name }, { event: "ready", name: nameOf(1) });
    if (!/connection fully established/.test(ts1.log())) throw new Error("nothing in its log");
    if ((await readFile(join(folder, "ts-1"), "utf8")) === "") throw new Error("nothing recorded");
  });
  await checks.check("a cut loses what is sent until it is healed", async () => {
    await network.partition([go1, ts1], [go2, ts2]);
    await controlOf(go1).broadcast("default", Buffer.from("cut"));
    await received(ts1, "cut");
    if (await has(go2, "cut")) throw new Error("go-2 has it through the cut");
    await network.heal();
    await received(go2, "cut");
    await received(ts2, "cut");
  });
  if (process.argv.includes("--long")) {
    await checks.check(
      "the halves of a partition agree by themselves, and all once it is healed",
      async () => {
        await network.partition([go1, ts1], [go2, ts2]);
        await agree([go1, ts1], 150_000);
        await agree([go2, ts2], 150_000);
        await network.heal();
        await agree(peers, 120_000);
      },
    );
  }
  await checks.check("a paused container does not answer until it goes on", async () => {
    await ts2.pause();
    await silent(ts2);
    await ts2.unpause();
    await agree(peers);
  });
  await checks.check("a killed container is forgotten, and starts again where it was", async () => {
    await go2.kill();
    equal([await go2.ended, go2.running], [137, false]);
    await agree([go1, ts1, ts2]);
    await go2.start();
    await agree(peers);
  });
  await checks.check("a paused container can be killed", async () => {
    await ts2.pause();
    await ts2.kill();
    equal(await ts2.ended, 137);
    await ts2.start();
    await agree(peers);
  });
  await checks.check("a cut lasts over a restart", async () => {
    await network.cut(go1, ts2);
    await ts2.restart();
    await until("it is forgotten and found again", { withinMs: 30_000 }, async () => {
      const { Peers } = await controlOf(go1).status();
      const connections = Peers.find(({ Name }) => Name === nameOf(3))?.Connections ?? [];
      if (connections.length === 0) return "go-1 does not know ts-2";
      return connections.some(({ Name }) => Name === nameOf(0)) ? "go-1 is connected to ts-2" : undefined;
    });
    await network.heal(go1, ts2);
  });
  await checks.check("a program that is asked to end has status 0", async () => {
    equal(await ts1.stop(), 0);
    await ts1.start();
    go2.endInput();
    equal(await go2.ended, 0);
    await go2.start();
    await agree(peers, 90_000);
  });
  await checks.check("a disconnected container is out of reach until it is connected", async () => {
    await ts1.disconnect();
    await silent(ts1);
    await ts1.connect();
    await agree(peers);
  });
  await checks.check("a container gets another address", async () => {
    await ts1.disconnect();
    await ts1.connect(network.host(100));
    equal(ts1.control, `${network.host(100)}:${controlPort}`);
    await controlOf(ts1).status();
  });
  await checks.check("nothing is left of a network that is removed", async () => {
    await network.remove();
    equal(await left(network.name), []);
  });
}

async function checkIpv6(checks: Checks, image: string, folder: string): Promise<void> {
  await using network = await ContainerNetwork.create({ ipv6: true });
  await checks.check("a container has an IPv6 address", async () => {
    const peer = await network.add({
      ...{ name: "go", image, address: network.host(1), address6: network.host6(1) },
      arguments: ["--hwaddr", nameOf(0), "--control", `[::]:${controlPort}`],
      logFile: join(folder, "go.log"),
    });
    await peer.start();
    const control = new ControlClient(`[${network.host6(1)}]:${controlPort}`);
    await until("it answers", { withinMs: 10_000 }, async () => {
      await control.status();
      return undefined;
    });
  });
}

async function checkAbandoned(checks: Checks): Promise<void> {
  await checks.check("what a killed process has left behind is removed", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", import.meta.filename, abandonFlag], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [name] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    equal((await left(name.trim())).length, 2);
    await ContainerNetwork.removeAbandoned();
    equal((await left(name.trim())).length, 2); // it lives
    child.kill("SIGKILL");
    await once(child, "exit");
    await ContainerNetwork.removeAbandoned();
    equal(await left(name.trim()), []);
  });
}

async function abandon(folder: string): Promise<number> {
  const network = await ContainerNetwork.create();
  const peer = await network.add({
    ...{ name: "go", image: await goPeerImage("mac"), address: network.host(1) },
    arguments: ["--hwaddr", nameOf(0)],
    logFile: join(folder, "go.log"),
  });
  await peer.start();
  await rm(folder, { recursive: true });
  console.log(network.name);
  await peer.ended; // never, unless the kill fails
  return 1;
}

/** The network of this name and its containers, as Docker lists them. */
async function left(name: string): Promise<string[]> {
  const containers = await docker("container", "ls", "--all", "--quiet", "--filter", `name=${name}`);
  const networks = await docker("network", "ls", "--quiet", "--filter", `name=${name}`);
  return `${containers}\n${networks}`.split("\n").filter((id) => id !== "");
}

function nameOf(index: number): string {
  return `00:00:00:00:00:0${index + 1}`;
}

function controlOf(peer: Container): ControlClient {
  return new ControlClient(peer.control);
}

async function agree(peers: readonly Container[], withinMs = 60_000): Promise<void> {
  await until("all peers agree", { withinMs }, async () => {
    const views = peers.map(async (peer) => {
      const status = await controlOf(peer).status();
      return { label: peer.name, name: status.Name, status };
    });
    return disagreement(await Promise.all(views));
  });
}

async function has(peer: Container, text: string): Promise<boolean> {
  return (await controlOf(peer).received()).some(({ bytes }) => bytes.toString() === text);
}

async function received(peer: Container, text: string): Promise<void> {
  await until(`${peer.name} receives it`, { withinMs: 30_000 }, async () =>
    (await has(peer, text)) ? undefined : "not yet",
  );
}

/** Nobody answers at its control interface, not even with a refusal. */
async function silent(peer: Container): Promise<void> {
  const answer = fetch(`http://${peer.control}/status`, { signal: AbortSignal.timeout(1_000) });
  if (
    await answer.then(
      () => true,
      () => false,
    )
  )
    throw new Error(`${peer.name} answers`);
}

function equal(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a}, not ${b}`);
}
