import { isIPv4 } from "node:net";
import { domainToASCII } from "node:url";
import { whenAborted } from "../abort-hooks.ts";
import { canonicalIp } from "../address.ts";
import type { Clock } from "../clock.ts";
import { lookupAbortedError, lookupError } from "../errors.ts";
import type { ResolveOptions } from "../transport.ts";
import type { HostsTable } from "./hosts-file.ts";
import { type ResolverConfiguration, searchNames } from "./resolver-configuration.ts";
import type { SystemLookup } from "./system-lookup.ts";

/** The deadline of a lookup, whatever name servers do, in milliseconds. */
export const lookupDeadlineMs = 5_000;

/** The most addresses of each family that a lookup returns; further ones are dropped. */
export const maxAddressesPerFamily = 32;

/** The time that the answer for the other family has after the first addresses, in milliseconds. */
export const otherFamilyMs = 300;

/** The part of the deadline in which all servers are asked as often as configured, in milliseconds. */
const queryBudgetMs = 4_500;

/** Queries to name servers that can be cancelled together. node:dns's Resolver is one. */
export interface NameQueries {
  /** Rejects with an error whose `code` is one of node:dns. */
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  /** Ends all queries; their promises reject or stay pending. */
  cancel(): void;
}

/** The surroundings of lookups. */
export interface LookupSources {
  readonly clock: Clock;
  /** The present hosts file; undefined if there is none. */
  hosts(): HostsTable | undefined;
  /** The present configuration of the resolver. */
  configuration(): ResolverConfiguration;
  /** Opens queries to these servers, each asked `tries` times with this timeout. */
  openQueries(servers: readonly string[], timeoutMs: number, tries: number): NameQueries;
  /** The operating system's own lookup, asked last; undefined where it knows no more than hosts file and DNS. */
  system(): SystemLookup | undefined;
}

/** Codes of node:dns for a name that has no such addresses. Others leave that open. */
const noSuchHost = new Set(["ENOTFOUND", "ENODATA", "ENONAME", "EBADNAME"]);

/**
 * Looks up host names: in the hosts file, then by DNS with the search list, then by the operating system's own lookup
 * where that knows other sources. Each lookup has its own queries, can be cancelled, ends within
 * {@link lookupDeadlineMs}, and waits for no other.
 */
export class HostLookup {
  readonly #sources: LookupSources;

  constructor(sources: LookupSources) {
    this.#sources = sources;
  }

  /**
   * Returns the addresses of a host, in canonical form, IPv4 first, at least one and at most
   * {@link maxAddressesPerFamily} of each family. An IP address gives itself and is never looked up.
   *
   * @throws TransportError "resolve" (`lookup HOST: no such host`, `...: i/o timeout`,
   * `...: Temporary failure in name resolution`), "aborted" (`lookup HOST: operation was canceled`).
   */
  async resolve(host: string, { signal }: ResolveOptions = {}): Promise<string[]> {
    const ip = canonicalIp(host);
    if (ip !== undefined) return [ip];
    if (signal?.aborted) throw lookupAbortedError(host, signal.reason);
    // Go refuses what is all digits and dots; getaddrinfo would read `1.2.3` as 1.2.0.3.
    if (/^[0-9.]*$/.test(host)) throw lookupError(host);
    const name = asciiName(host);
    const relative = name.replace(/\.$/, "");
    const known = this.#sources.hosts()?.get(relative) ?? loopback(relative);
    if (known !== undefined) return arrange(known);
    const found = arrange(await this.#search(host, name, signal));
    if (found.length === 0) throw lookupError(host);
    return found;
  }

  /** Searches until an answer, the deadline or the caller's signal. */
  async #search(host: string, name: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
    const { clock, openQueries } = this.#sources;
    const configuration = this.#sources.configuration();
    const { servers, attempts, timeoutSeconds } = configuration;
    const timeoutMs = Math.min(
      timeoutSeconds * 1000,
      Math.floor(queryBudgetMs / (servers.length * attempts)),
    );
    const queries = openQueries(servers, timeoutMs, attempts);
    const search: Search = {
      host,
      name,
      configuration,
      queries,
      over: new AbortController(),
      error: undefined,
    };
    let giveUp!: (error: Error) => void;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    const timer = clock.setTimeout(
      () => giveUp(search.error ?? lookupError(host, "i/o timeout")),
      lookupDeadlineMs,
    );
    const forget = signal && whenAborted(signal, () => giveUp(lookupAbortedError(host, signal.reason)));
    try {
      return await Promise.race([this.#find(search), givenUp]);
    } finally {
      timer.cancel();
      forget?.();
      search.over.abort();
      queries.cancel();
    }
  }

  async #find(search: Search): Promise<readonly string[]> {
    const { host, name, configuration, over } = search;
    let failure: Error | undefined;
    let isSilent = false;
    for (const candidate of searchNames(name, configuration)) {
      try {
        const addresses = await this.#ask(candidate, search);
        if (addresses.length > 0) return addresses;
      } catch (error) {
        // Another name of the list may have an answer, as in Go.
        failure ??= toLookupError(host, error);
        isSilent ||= isTimeout(error);
      }
      if (over.signal.aborted) return [];
    }
    search.error = failure ?? lookupError(host);
    // getaddrinfo would ask the same silent servers for many seconds, and the process cannot end meanwhile.
    if (isSilent) throw search.error;
    const addresses = await this.#sources
      .system()?.(name, over.signal)
      .catch(() => []);
    if (addresses !== undefined && addresses.length > 0) return addresses;
    throw search.error;
  }

  /**
   * Asks for both families at a time. Returns no addresses if there are none; rejects if that is not certain.
   */
  #ask(name: string, { queries, configuration }: Search): Promise<string[]> {
    const asked = [queries.resolve4(name)];
    if (!configuration.ipv4Only) asked.push(queries.resolve6(name));
    return new Promise((resolve, reject) => {
      const found: string[] = [];
      let pending = asked.length;
      let failure: Error | undefined;
      const finish = (): void => {
        if (found.length > 0 || failure === undefined) resolve(found);
        else reject(failure);
      };
      const timers: { cancel(): void }[] = [];
      const answered = (): void => {
        if (--pending === 0) {
          for (const timer of timers) timer.cancel();
          finish();
        } else if (found.length > 0) {
          // Some servers never answer for one of the families.
          timers.push(this.#sources.clock.setTimeout(finish, otherFamilyMs));
        }
      };
      for (const family of asked) {
        family
          .then(
            (addresses) => void found.push(...addresses.slice(0, maxAddressesPerFamily)),
            (error: NodeJS.ErrnoException) => {
              if (!noSuchHost.has(error.code ?? "")) failure ??= error;
            },
          )
          .then(answered);
      }
    });
  }
}

/** One lookup under way. */
interface Search {
  /** The host name as it was given, for error texts. */
  readonly host: string;
  /** The host name in ASCII and in lower case. */
  readonly name: string;
  readonly configuration: ResolverConfiguration;
  readonly queries: NameQueries;
  /** Aborted when the lookup has ended. */
  readonly over: AbortController;
  /** The result of DNS, once that is known not to have the name. */
  error: Error | undefined;
}

function isTimeout(thrown: unknown): boolean {
  return /^ETIME(D)?OUT$/.test((thrown as NodeJS.ErrnoException).code ?? "");
}

/** The error for an answer that leaves it open whether the name exists, with the texts that Go and glibc give. */
function toLookupError(host: string, thrown: unknown): Error {
  const text = isTimeout(thrown) ? "i/o timeout" : "Temporary failure in name resolution";
  return lookupError(host, text, thrown);
}

/** The name in lower case, and in ASCII if it is a valid internationalised name. */
function asciiName(host: string): string {
  const isAscii = /^[\0-\x7f]*$/.test(host);
  return isAscii ? host.toLowerCase() : domainToASCII(host);
}

/** The addresses of `localhost` and of names below it, which are not for name servers. Source: RFC 6761, 6.3. */
function loopback(name: string): readonly string[] | undefined {
  return name === "localhost" || name.endsWith(".localhost") ? ["127.0.0.1", "::1"] : undefined;
}

/** Distinct addresses in canonical form, IPv4 first, bounded in number. */
function arrange(addresses: readonly string[]): string[] {
  const distinct = [...new Set(addresses.map((address) => canonicalIp(address) ?? address))];
  return [
    ...distinct.filter((address) => isIPv4(address)).slice(0, maxAddressesPerFamily),
    ...distinct.filter((address) => !isIPv4(address)).slice(0, maxAddressesPerFamily),
  ];
}
