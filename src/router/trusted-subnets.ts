import { BlockList, isIP } from "node:net";
import { RouterError } from "./errors.ts";

/** A set of subnets, and what addresses lie in them (the original's Router.trusts, router.go). */
export class TrustedSubnets {
  /** The subnets as Go's net.IPNet prints them: the host's bits are zero. */
  readonly texts: readonly string[];
  readonly #list = new BlockList();

  /** @throws RouterError `invalid-option` naming the first text that is not `address/bits`. */
  constructor(subnets: readonly string[]) {
    this.texts = subnets.map((text) => {
      const [address = "", bitsText = "", ...rest] = text.split("/");
      const family = isIP(address);
      const bits = Number(bitsText);
      const width = family === 4 ? 32 : 128;
      if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bitsText) || bits > width) {
        throw new RouterError("invalid-option", `trusted subnet ${JSON.stringify(text)} is not ADDRESS/BITS`);
      }
      this.#list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
      return `${maskedText(address, bits)}/${bits}`;
    });
  }

  /** Whether an IP address lies in one of them. */
  includes(address: string): boolean {
    if (this.texts.length === 0) return false;
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 4 ? "ipv4" : "ipv6");
  }
}

/** The first address of the subnet, in Go's form. */
function maskedText(address: string, bits: number): string {
  if (isIP(address) === 4) {
    const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    const masked = Math.floor(value / 2 ** (32 - bits)) * 2 ** (32 - bits);
    return [24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256).join(".");
  }
  // The URL parser writes IPv6 addresses in the canonical form of RFC 5952, which is also Go's.
  const canonical = (groups: readonly number[]): string =>
    new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname.slice(1, -1);
  const groups = expandIPv6(new URL(`http://[${address}]`).hostname.slice(1, -1));
  return canonical(
    groups.map((group, index) => {
      const kept = Math.min(16, Math.max(0, bits - index * 16));
      return group & (0xffff << (16 - kept)) & 0xffff;
    }),
  );
}

function expandIPv6(canonical: string): number[] {
  const [head = "", tail] = canonical.split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((g) => Number.parseInt(g, 16));
  const first = parse(head);
  if (tail === undefined) return first;
  const last = parse(tail);
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}
