/** Simulates the one mesh that its argument describes, and prints the outcome; both JSON. How far it is goes to stderr. */
import { type MeshOptions, simulate } from "./simulate.ts";

const outcome = await simulate(
  JSON.parse(process.argv[2]!) as MeshOptions,
  ({ seconds, messages, bytes, cpuSeconds }) => {
    const megabytes = (bytes / 1e6).toFixed(0);
    process.stderr.write(
      `${seconds.toFixed(1)} virtual s: ${messages} messages, ${megabytes} MB, ${cpuSeconds.toFixed(1)} CPU s\n`,
    );
  },
);
console.log(JSON.stringify(outcome ?? null));
