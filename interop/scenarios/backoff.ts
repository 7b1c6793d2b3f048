import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title: "a target that fails is tried ever more rarely, and at once and often again when it is named anew",
  withinMs: 90_000,
  mesh: () => ({
    proxies: { door: "listener" },
    peers: { listener: { side: "A" }, dialler: { side: "B", discovery: false } },
  }),
  async run(mesh) {
    const door = mesh.proxy("door");
    const dialler = mesh.peer("dialler");
    const tries = (count: number, withinMs: number) =>
      mesh.until(`${count} tries`, withinMs, () =>
        door.arrivals.length >= count ? undefined : `${door.arrivals.length} so far`,
      );
    door.cut();
    await dialler.control.connect([mesh.addressOf("door")]);
    await tries(5, 40_000);
    // 2 s at first, then half as much again each time, each between half and one and a half of that.
    let interval = 2_000;
    for (let i = 1; i < 5; i++, interval *= 1.5) between(door.arrivals[i]! - door.arrivals[i - 1]!, interval);
    const named = performance.now();
    await dialler.control.connect([mesh.addressOf("door")]);
    await tries(6, 2_000);
    if (door.arrivals[5]! - named > 1_000) throw new Error("it was not tried at once");
    await tries(7, 12_000);
    between(door.arrivals[6]! - door.arrivals[5]!, 2_000);
    door.heal();
    await mesh.agree({ connections: "full", withinMs: 20_000 });
  },
});

function between(pause: number, interval: number): void {
  // The other peers and this runner need the processor, too.
  if (pause < interval / 2 - 100 || pause > interval * 1.5 + 1_500)
    throw new Error(`a pause of ${Math.round(pause)} ms with an interval of ${interval} ms`);
}
