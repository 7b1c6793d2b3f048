/**
 * Takes down the mesh of docker-compose.yml, what runs that were killed have left behind, and dockerd if
 * `up.ts` or another of our scripts has started it.
 */
import { Compose } from "./compose.ts";
import { daemonAnswers, stopDaemon } from "./daemon.ts";
import { command } from "./flags.ts";

await command(async () => {
  if (!(await daemonAnswers())) {
    console.log("no Docker daemon runs");
    return 0;
  }
  const compose = await Compose.find({ flavour: "mac" });
  await compose?.down();
  await Compose.removeAbandoned();
  console.log(`dockerd: ${await stopDaemon()}`);
  return 0;
});
