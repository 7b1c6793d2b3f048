import { type Profiler, Session } from "node:inspector";
import { fileURLToPath } from "node:url";
import { countNativeWork } from "./native-work.ts";

/** The number of steps that one place in the source took. */
export interface PlaceWork {
  /** Function name and path below the repository's root. */
  readonly place: string;
  readonly steps: number;
}

/** The work of one measured call. */
export interface Work {
  /** The executions of all blocks of the measured code, and the elements that native list operations passed over. */
  readonly steps: number;
  /** The places with the most steps, most first. */
  readonly places: readonly PlaceWork[];
}

const root = new URL("../../", import.meta.url);

/** The code that is measured unless another folder is given. */
const sourceFolder = new URL("src/", root).href;

// Functions compiled before this have no block counters, so coverage begins when this module is loaded. V8
// compiles a function when it is first called: static imports of src/ may stand above the import of this module.
const session = new Session();
session.connect();
post("Profiler.enable");
post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/** Calls an inspector method; on the same thread it answers before `post` returns. */
function post(method: string, parameters: object = {}): unknown {
  let answer: unknown;
  let failure: Error | null = null;
  session.post(method, parameters, (error, result) => {
    failure = error;
    answer = result;
  });
  if (failure !== null) throw failure;
  return answer;
}

/** The counts since the last call. Taking them sets them to zero. */
function takeCoverage(): readonly Profiler.ScriptCoverage[] {
  return (post("Profiler.takePreciseCoverage") as Profiler.TakePreciseCoverageReturnType).result;
}

/**
 * Returns the work of each call, as counts that are the same on every machine. Counted are the executions of
 * all blocks below `folder` (a file URL; default src/) and of generated functions, and the elements that native
 * list operations pass over. Not counted: spread, string concatenation, `Object.keys`, Map and Set.
 */
export async function countWorks(
  runs: readonly (() => unknown)[],
  folder: string = sourceFolder,
): Promise<Work[]> {
  // The work that was done before.
  takeCoverage();
  const works: Work[] = [];
  for (const run of runs) {
    const native = countNativeWork();
    let nativeSteps: number;
    try {
      const result = run();
      if (result instanceof Promise) await result;
    } finally {
      nativeSteps = native.stop();
    }
    works.push(sumOf(takeCoverage(), nativeSteps, folder));
  }
  return works;
}

function sumOf(scripts: readonly Profiler.ScriptCoverage[], nativeSteps: number, folder: string): Work {
  let steps = nativeSteps;
  const places: PlaceWork[] = [{ place: "native operations", steps: nativeSteps }];
  for (const { url, functions } of scripts) {
    // Generated functions have no address.
    if (url !== "" && !url.startsWith(folder)) continue;
    for (const { functionName, ranges } of functions) {
      let sum = 0;
      for (const { count } of ranges) sum += count;
      if (sum === 0) continue;
      steps += sum;
      places.push({ place: `${functionName || "(anonymous)"} ${pathOf(url)}`, steps: sum });
    }
  }
  places.sort((a, b) => b.steps - a.steps);
  return { steps, places: places.slice(0, 5) };
}

function pathOf(url: string): string {
  if (url === "") return "(generated)";
  return fileURLToPath(url.split("?")[0]!).slice(fileURLToPath(root).length);
}
