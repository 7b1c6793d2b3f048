/** Simulates the one mesh that its argument describes, and prints the outcome; both JSON. */
import { type MeshOptions, simulate } from "./simulate.ts";

const outcome = await simulate(JSON.parse(process.argv[2]!) as MeshOptions);
console.log(JSON.stringify(outcome ?? null));
