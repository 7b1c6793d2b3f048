import test from "ava";
import { TrustedSubnets } from "../../src/router/trusted-subnets.ts";

test("trusted subnets: an address is in one or not, in IPv4 and IPv6", (t) => {
  const subnets = new TrustedSubnets(["10.1.0.0/16", "fd00::/8", "192.168.7.1/32"]);
  for (const inside of ["10.1.2.3", "fd12:3456::1", "192.168.7.1"]) t.true(subnets.includes(inside), inside);
  for (const outside of ["10.2.0.1", "fe80::1", "192.168.7.2", "nowhere"])
    t.false(subnets.includes(outside), outside);
});

test("trusted subnets: print as Go prints them, with the host's bits cleared", (t) => {
  const { texts } = new TrustedSubnets([
    "10.1.2.3/12",
    "0.0.0.0/0",
    "fd00:1:2:3:4:5:6:7/49",
    "::1/128",
    "FE80::/10",
  ]);
  t.deepEqual(texts, ["10.0.0.0/12", "0.0.0.0/0", "fd00:1:2::/49", "::1/128", "fe80::/10"]);
});

test("trusted subnets: what is none is refused by name", (t) => {
  for (const text of ["10.0.0.0", "10.0.0.0/33", "host/8", "10.0.0.0/8/8", "fd00::/129", "10.0.0.0/x"]) {
    t.throws(() => new TrustedSubnets([text]), {
      code: "invalid-option",
      message: new RegExp(text.replaceAll(".", "\\.")),
    });
  }
});
