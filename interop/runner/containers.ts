import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Container } from "../docker/container.ts";
import { ensureDaemon } from "../docker/daemon.ts";
import { imageOfBinary, typeScriptPeerImage, weaveMeshImage } from "../docker/images.ts";
import { ContainerNetwork } from "../docker/network.ts";
import { goBinary } from "../driver/go-build.ts";
import { argumentsOf, goProgramOf, type Launch } from "./programs.ts";
import type { RunningProgram, Surroundings } from "./surroundings.ts";

const controlPort = 8080;
const firstProxyPort = 7000;
/** Where a peer in a container writes its recording. */
const recordings = "/recordings";

/** Makes sure that a daemon answers and that the images of the TypeScript programs are there. */
export async function prepareContainers(): Promise<void> {
  await ensureDaemon();
  await typeScriptPeerImage();
}

/**
 * Containers on a private network of their own. Proxies are on this machine, at the network's gateway; each start
 * makes a new container, since a peer's command line may have changed.
 */
export async function containerSurroundings(): Promise<Surroundings> {
  const network = await ContainerNetwork.create();
  const containers = new Map<string, Container>();
  return {
    ownsAddresses: false,
    host: (n) => network.host(n),
    proxyEndpoint: (n) => ({ host: network.host(254), port: firstProxyPort + n }),
    async start(launch, logFile) {
      await containers.get(launch.label)?.remove();
      const folder = dirname(launch.framesFile);
      await chmod(folder, 0o777); // the peer may run as somebody else
      const container = await network.add({
        ...{ name: launch.label, image: await imageOf(launch), address: launch.host, controlPort, logFile },
        arguments: containerArguments(launch),
        folders: { [recordings]: folder },
      });
      containers.set(launch.label, container);
      await container.start();
      return new ContainerProgram(container);
    },
    async partition(groups) {
      const found = (label: string) => containers.get(label) ?? [];
      await network.partition(...groups.map((labels) => labels.flatMap(found)));
    },
    release: () => network.remove(),
  };
}

const goImages = new Map<string, Promise<string>>();

/** The image that a peer needs, made if it is not there. `--go-peer` may name an image in place of a file. */
function imageOf(launch: Launch): Promise<string> {
  if (launch.spec.program === "join") return weaveMeshImage();
  const program = goProgramOf(launch.spec, launch.mesh, launch);
  if (program === undefined) return typeScriptPeerImage();
  const { flavour, generation, programs } = launch;
  const given = program === "original-counter" ? undefined : programs.goPeer;
  if (given !== undefined && !existsSync(given)) return Promise.resolve(given);
  const tag = given === undefined ? `${generation}-${flavour}` : "own";
  const name = `weave-mesh-interop-${program}:${tag}`;
  const image = goImages.get(name) ?? imageOfBinary(name, given ?? goBinary(program, flavour, generation));
  goImages.set(name, image);
  return image;
}

function containerArguments(launch: Launch): readonly string[] {
  const frames = `${recordings}/${basename(launch.framesFile)}`;
  const own = argumentsOf({ ...launch, framesFile: frames });
  return launch.spec.program === undefined ? [...own, "--control", `0.0.0.0:${controlPort}`] : own;
}

/** A container seen as a process. */
class ContainerProgram implements RunningProgram {
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly control: string;
  readonly #container: Container;
  #result: number | NodeJS.Signals | undefined;

  constructor(container: Container) {
    this.#container = container;
    this.control = container.control;
    this.ended = container.ended.then((result) => {
      this.#result = result;
      return result;
    });
  }

  get lines(): readonly string[] {
    return this.#container.lines;
  }

  get result(): number | NodeJS.Signals | undefined {
    return this.#result;
  }

  log(): string {
    return this.#container.log();
  }

  say(line: string): void {
    this.#container.say(line);
  }

  endInput(): void {
    this.#container.endInput();
  }

  /** Docker freezes a container by its control group rather than by SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    const done =
      signal === "SIGSTOP"
        ? this.#container.pause()
        : signal === "SIGCONT"
          ? this.#container.unpause()
          : this.#container.kill(signal);
    done.catch(() => {}); // it may have ended meanwhile, as `ended` says
  }
}
