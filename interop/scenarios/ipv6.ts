import { defineScenario } from "../runner/index.ts";

// There is one IPv6 loopback address, so the peers differ in port, and discovery would be in vain.
export default defineScenario<"ipv6" | "any">({
  title: "peers join over IPv6, and meet those of IPv4 at a peer that listens for both",
  variants: { "ipv6-only": "ipv6", "dual-stack": "any" },
  transports: ["native"], // Docker's names lead to addresses of both families
  mesh: (hub) => ({
    password: "six",
    peers: {
      hub: { side: "A", address: hub, discovery: false },
      six: { side: "B", address: "ipv6", discovery: false, dials: ["hub"] },
      other: { side: "B", ...(hub === "ipv6" ? { address: "ipv6" } : {}), discovery: false, dials: ["hub"] },
    },
  }),
  async run(mesh, hub) {
    await mesh.agree({
      connections: [
        ["hub", "six"],
        ["hub", "other"],
      ],
    });
    const { Connections } = await mesh.peer("hub").status();
    const addresses = (Connections ?? []).map(({ Address }) => Address);
    const patterns = [/^\[::1\]:\d+$/, hub === "ipv6" ? /^\[::1\]:\d+$/ : /^127\.[\d.]+:\d+$/];
    const missing = patterns.find((pattern) => !addresses.some((address) => pattern.test(address)));
    if (missing !== undefined) throw new Error(`the hub shows ${addresses}, none like ${missing}`);
    await mesh.exchange("default", ["hub", "six", "other"]);
  },
});
