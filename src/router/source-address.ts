/**
 * The source for which a connection counts: its IP address, or for IPv6 the /64 network, all addresses of which usually
 * belong to one host. `host` is in canonical form, as a socket has it.
 */
export function sourceOf(host: string): string {
  if (!host.includes(":")) return host;
  const zoneAt = host.indexOf("%");
  const ip = zoneAt < 0 ? host : host.slice(0, zoneAt);
  const [head = "", tail] = ip.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...new Array<string>(zeros).fill("0"), ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
