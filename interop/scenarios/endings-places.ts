import { defineScenario, type Mesh } from "../runner/index.ts";

/** Escaped for a regular expression. */
const literal = (text: string): string => text.replace(/[.[\]()|]/g, "\\$&");

/** A discovered address at which another peer has come to listen: the dialler refuses it, the stranger is cut off. */
async function unknownName(mesh: Mesh): Promise<void> {
  await mesh.agree({ among: ["middle", "known"], connections: [["middle", "known"]] });
  const [finder, stranger] = [mesh.peer("finder"), mesh.peer("stranger")];
  mesh.proxy("door").retarget(stranger.launch);
  await finder.start();
  const door = mesh.addressOf("door");
  await finder.logged(
    new RegExp(
      `^.*->\\[${literal(door)}\\] connection shutting down due to error during handshake: Found unknown remote name: ${literal(stranger.name)} at ${literal(door)}$`,
      "m",
    ),
  );
  await stranger.logged(
    /\]: connection shutting down due to error: (EOF|read tcp .* reset by peer|write tcp .*)$/m,
  );
  await mesh.until("the finder keeps to the peers it was told of", 10_000, async () => {
    const { Peers } = await finder.status();
    const names = (Peers ?? []).map(({ Name }) => Name);
    return names.includes(stranger.name) ? `${names}` : undefined;
  });
}

/** A peer that is told its own address. */
async function oneself(mesh: Mesh): Promise<void> {
  const finder = mesh.peer("finder");
  await finder.start();
  await finder.control.connect([mesh.addressOf("finder")]);
  const refusals = (): number =>
    finder.timesLogged("connection shutting down due to error: cannot connect to ourself");
  await mesh.until("both ends have refused", 10_000, () =>
    refusals() === 2 ? undefined : `${refusals()} refusals`,
  );
  await mesh.until("it has given up", 10_000, async () => {
    const { Connections, TerminationCount } = await finder.status();
    const infos = (Connections ?? []).filter(({ State }) => State === "failed").map(({ Info }) => Info);
    return `${infos}` === "cannot connect to ourself, retry: never" && TerminationCount === 0
      ? undefined
      : `${infos}`;
  });
}

/** A name that leads nowhere: an error of the call in the original, of each attempt here. Others of the call count. */
async function unresolved(mesh: Mesh): Promise<void> {
  const finder = mesh.peer("finder");
  await finder.start();
  const errors = await finder.control.connect(["nowhere.invalid:6783", mesh.addressOf("middle")]);
  const words = /lookup nowhere\.invalid.*: no such host/;
  if (finder.language === "ts") await finder.logged(words);
  else if (errors.length !== 1 || !words.test(errors[0]!)) throw new Error(`the call's errors: ${errors}`);
  await mesh.until("the other target is connected", 10_000, async () => {
    const { Connections } = await finder.status();
    const states = (Connections ?? []).map(({ State }) => State);
    return states.includes("established") ? undefined : `${states}`;
  });
}

export default defineScenario<(mesh: Mesh) => Promise<void>>({
  title: "a place that is not what it was taken for is refused in the original's words",
  transports: ["native"],
  withinMs: 60_000,
  variants: { "unknown-name": unknownName, oneself, unresolved },
  mesh: (act) => ({
    peers: {
      middle: { side: "B", discovery: false, dials: ["door"] },
      known: { side: "B", discovery: false },
      stranger: { side: "B", discovery: false },
      finder: { side: "A", dials: act === unknownName ? ["middle"] : [], later: true },
    },
    proxies: { door: "known" },
  }),
  run: (mesh, act) => act(mesh),
});
