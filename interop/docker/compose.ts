import { spawnSync } from "node:child_process";
import { PeerName } from "weave-mesh";
import type { Flavour } from "../driver/go-build.ts";
import { root } from "../driver/paths.ts";
import { docker, isInstalled, run } from "./command.ts";
import { ensureDaemon } from "./daemon.ts";
import { goPeerImage, weaveMeshImage } from "./images.ts";
import { owner, ownerRuns } from "./ownership.ts";
import { ensureTools } from "./tools.ts";

/** The services of docker-compose.yml, with the `--hwaddr` of each. */
const hardwareAddresses = {
  "ts-1": "00:00:00:00:01:01",
  "ts-2": "00:00:00:00:01:02",
  "ts-3": "00:00:00:00:01:03",
  "go-1": "00:00:00:00:02:01",
  "go-2": "00:00:00:00:02:02",
  "go-3": "00:00:00:00:02:03",
} as const;

export type Service = keyof typeof hardwareAddresses;

/** All services of docker-compose.yml. */
export const allServices = Object.keys(hardwareAddresses) as Service[];

/** The port inside a container at which each peer serves its status. */
const statusPort = "8080";

const temporaryProject = "weave-mesh-";
const projectLabel = "com.docker.compose.project";

/** How docker-compose.yml is varied: its MESH_… variables. */
export interface ComposeOptions {
  flavour: Flavour;
  /** Default the one of docker-compose.yml. */
  password?: string;
  /** True: a project apart from the user's own, that `Compose.removeAbandoned` finds after a crash. */
  temporary?: boolean;
}

/** docker-compose.yml of this tree as one project, over the Compose v2 plugin or docker-compose 1.29. */
export class Compose {
  /** The command that runs Compose, as `docker compose`. */
  readonly command: readonly string[];
  readonly #flavour: Flavour;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(command: readonly string[], { flavour, password, temporary }: ComposeOptions) {
    this.command = command;
    this.#flavour = flavour;
    this.#env = {
      MESH_FLAVOUR: flavour,
      ...(password === undefined ? {} : { MESH_PASSWORD: password }),
      ...(temporary === true ? { COMPOSE_PROJECT_NAME: `${temporaryProject}${flavour}-${owner}` } : {}),
    };
  }

  /**
   * Finds or installs Compose, makes sure that a daemon runs, and makes the images that are not there yet.
   *
   * @throws MissingToolsError, CommandError
   */
  static async prepare(options: ComposeOptions): Promise<Compose> {
    await ensureDaemon();
    const compose = await Compose.find(options);
    if (compose === undefined) await ensureTools(["docker-compose"]);
    await weaveMeshImage();
    await goPeerImage(options.flavour);
    return compose ?? Compose.prepare(options);
  }

  /** The project without any preparation; `undefined` when there is no Compose. */
  static async find(options: ComposeOptions): Promise<Compose | undefined> {
    const command = await composeCommand();
    return command && new Compose(command, options);
  }

  /** The name of a service's peer in the mesh. */
  nameOf(service: Service): PeerName {
    return PeerName.fromUserInput(hardwareAddresses[service], this.#flavour);
  }

  /** Creates and starts what does not run yet of these services, or of all. */
  async up(...names: readonly Service[]): Promise<void> {
    await this.#run("up", "--detach", "--no-build", ...names);
  }

  /** Ends a service without warning (SIGKILL). */
  async kill(name: Service): Promise<void> {
    await this.#run("kill", name);
  }

  /** Where the status of a service's peer is served, HOST:PORT; it may change when the service restarts. */
  statusAddress(name: Service): Promise<string> {
    return this.#run("port", name, statusPort);
  }

  /** The container of a service. */
  container(name: Service): Promise<string> {
    return this.#run("ps", "--quiet", name);
  }

  /** What the containers have written, the last `lines` lines of each. */
  logs(lines = 40): Promise<string> {
    return this.#run("logs", "--no-color", "--tail", String(lines));
  }

  /** Stops and removes everything of the project. */
  async down(): Promise<void> {
    await this.#run("down", "--remove-orphans", "--timeout", "10");
  }

  /** `down` in the last moments of this process. */
  downAtExit(): void {
    const [file, ...first] = this.command;
    const parameters = [...first, "down", "--remove-orphans", "--timeout", "0"];
    spawnSync(file!, parameters, { cwd: root, env: { ...process.env, ...this.#env }, stdio: "ignore" });
  }

  /** Removes the temporary projects of processes that run no more. */
  static async removeAbandoned(): Promise<void> {
    for (const kind of ["container", "network"] as const) {
      const format = `{{.ID}} {{.Label "${projectLabel}"}}`;
      const all = kind === "container" ? ["--all"] : [];
      const list = await docker(kind, "ls", ...all, "--filter", `label=${projectLabel}`, "--format", format);
      for (const line of list.split("\n")) {
        const [id, project = ""] = line.split(" ");
        const match = /^weave-mesh-(?:mac|hash)-(\d+-\d+)$/.exec(project);
        if (id === undefined || match === null || ownerRuns(match[1]!)) continue;
        await docker(kind, "rm", ...(kind === "container" ? ["--force"] : []), id);
      }
    }
  }

  #run(...parameters: readonly string[]): Promise<string> {
    const [file, ...first] = this.command;
    return run(file!, [...first, ...parameters], { cwd: root, env: this.#env });
  }
}

async function composeCommand(): Promise<readonly string[] | undefined> {
  try {
    await docker("compose", "version");
    return ["docker", "compose"];
  } catch {
    return (await isInstalled("docker-compose")) ? ["docker-compose"] : undefined;
  }
}
