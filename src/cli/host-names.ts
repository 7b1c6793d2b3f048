import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";
import { quoteAsGo } from "../go-text/index.ts";

/** A refusal of a request: the HTTP status and the text of the answer. */
export interface Refusal {
  readonly status: 400 | 421;
  readonly text: string;
}

/** The host and perhaps a port: an IPv6 literal in brackets, or anything without the characters that end a host. */
const authorityForm = /^(?:\[([^\]]*)\]|([^\s:[\]/?#@\\]+))(?::\d{0,5})?$/;

/** The scheme and authority of a request target in absolute form, `http://HOST:PORT/path`. */
const absoluteForm = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

/**
 * The host names under which a server answers. Any other name is refused: a web page of somebody else can let its own name
 * resolve to our address (DNS rebinding), and a browser would then let it read our answers.
 *
 * IP addresses and `localhost` always pass, since no page has such a name unless it is ours.
 */
export class HostNames {
  readonly #names: ReadonlySet<string>;

  /** @param names further names that pass; letter case and a dot at the end do not matter. */
  constructor(names: Iterable<string>) {
    this.#names = new Set(["localhost", ...[...names].map(canonical)]);
  }

  /**
   * Returns why a request is refused, or undefined. Its `Host` header and the host in its target must both pass. A request of
   * HTTP/1.0 without either passes: browsers always send one.
   */
  refusal(request: Pick<IncomingMessage, "rawHeaders" | "url">): Refusal | undefined {
    const hosts = headerValues(request.rawHeaders, "host");
    if (hosts.length > 1) return malformed("the request has several Host headers");
    const target = absoluteForm.exec(request.url ?? "")?.[1];
    for (const authority of [target, hosts[0]]) {
      const refusal = authority === undefined ? undefined : this.#judge(authority);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #judge(authority: string): Refusal | undefined {
    const match = authorityForm.exec(authority);
    if (match === null) return malformed(`the host ${quoteAsGo(authority, 256)} is malformed`);
    const [, bracketed, bare = ""] = match;
    if (bracketed !== undefined) {
      // A zone follows the address in a link-local one.
      if (isIPv6(bracketed.replace(/%.*$/, ""))) return undefined;
      return malformed(`the host ${quoteAsGo(authority, 256)} is malformed`);
    }
    const name = canonical(bare);
    if (isIP(name) === 4 || this.#names.has(name)) return undefined;
    const text = `the host name ${quoteAsGo(bare, 256)} is not allowed; to allow it, start the peer with --http-host NAME`;
    return { status: 421, text };
  }
}

/** Returns whether a text can stand in a `Host` header as a name: without a port, a scheme or a path. */
export function isHostName(text: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]*)$/.test(text) && text.length <= 254;
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function headerValues(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name);
}

function malformed(text: string): Refusal {
  return { status: 400, text };
}
