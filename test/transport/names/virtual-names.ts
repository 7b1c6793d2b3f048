import { VirtualClock } from "../../../src/transport/index.ts";
import { HostLookup, type NameQueries } from "../../../src/transport/names/host-lookup.ts";
import type { HostsTable } from "../../../src/transport/names/hosts-file.ts";
import {
  parseResolvConf,
  type ResolverConfiguration,
} from "../../../src/transport/names/resolver-configuration.ts";
import type { SystemLookup } from "../../../src/transport/names/system-lookup.ts";

/** The answer of a name server: addresses, the code of an error, or none at all. */
export type Answer = readonly string[] | string | "silence";

/** Lookups on a virtual clock, whose name servers answer from a table; a name that is missing there does not exist. */
export class VirtualNames {
  readonly clock = new VirtualClock();
  /** Answers by `A NAME` and `AAAA NAME`. */
  readonly answers = new Map<string, Answer>();
  readonly asked: string[] = [];
  readonly opened: { servers: readonly string[]; timeoutMs: number; tries: number }[] = [];
  cancelled = 0;
  hosts: HostsTable | undefined;
  configuration: ResolverConfiguration = parseResolvConf("nameserver 10.0.0.53");
  system: SystemLookup | undefined;
  readonly lookup: HostLookup;

  constructor() {
    this.lookup = new HostLookup({
      clock: this.clock,
      hosts: () => this.hosts,
      configuration: () => this.configuration,
      openQueries: (servers, timeoutMs, tries) => {
        this.opened.push({ servers, timeoutMs, tries });
        return this.#open();
      },
      system: () => this.system,
    });
  }

  #open(): NameQueries {
    const pending = new Set<(error: Error) => void>();
    const ask = (question: string): Promise<string[]> => {
      this.asked.push(question);
      const answer = this.answers.get(question) ?? "ENOTFOUND";
      return new Promise((resolve, reject) => {
        if (answer === "silence") pending.add(reject);
        else if (typeof answer === "string") reject(Object.assign(new Error(answer), { code: answer }));
        else resolve([...answer]);
      });
    };
    return {
      resolve4: (name) => ask(`A ${name}`),
      resolve6: (name) => ask(`AAAA ${name}`),
      cancel: () => {
        this.cancelled++;
        for (const reject of pending) reject(Object.assign(new Error("cancelled"), { code: "ECANCELLED" }));
      },
    };
  }

  /** The result of a lookup: its addresses or the text of its error, and when it came, in milliseconds. */
  async result(host: string, signal?: AbortSignal): Promise<{ result: string[] | string; atMs: number }> {
    const started = this.clock.now();
    let result: string[] | string | undefined;
    let atMs = 0;
    const settled = (value: string[] | string): void => {
      result = value;
      atMs = this.clock.now() - started;
    };
    this.lookup
      .resolve(host, signal === undefined ? {} : { signal })
      .then(settled, (error: Error) => settled(error.message));
    await this.clock.runUntil(() => result !== undefined, 60_000);
    return { result: result ?? "nothing", atMs };
  }
}
