/** Preloaded into a command: each write to a file takes 300 ms, as on a disk that is busy or far away. */
import fs from "node:fs";
import fsPromises from "node:fs/promises";
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";

const delayMs = 300;

// biome-ignore lint/suspicious/noExplicitAny: the functions are replaced whatever their types
type Callable = (...parameters: any[]) => any;

/** Delays a function of node:fs, unless it writes to standard output or standard error. */
function delay(owner: Record<string, Callable>, name: string): void {
  const original = owner[name]!;
  owner[name] = function (this: unknown, ...parameters: unknown[]) {
    if (typeof parameters[0] === "number" && parameters[0] <= 2) return original.apply(this, parameters);
    setTimeout(() => original.apply(this, parameters), delayMs);
  };
}

/** Delays a method of a file handle that gives a promise. */
function delayPromise(owner: Record<string, Callable>, name: string): void {
  const original = owner[name];
  if (original === undefined) return;
  owner[name] = async function (this: unknown, ...parameters: unknown[]) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return original.apply(this, parameters);
  };
}

if (isMainThread) {
  const owner = createRequire(import.meta.url)("node:fs") as Record<string, Callable>;
  for (const name of ["write", "writev", "appendFile"]) delay(owner, name);
  delayPromise(fsPromises as unknown as Record<string, Callable>, "appendFile");
  const handle = await fsPromises.open("/dev/null");
  const prototype = Object.getPrototypeOf(handle) as Record<string, Callable>;
  for (const name of ["write", "writev", "appendFile", "writeFile"]) delayPromise(prototype, name);
  await handle.close();
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (const name of ["writeSync", "appendFileSync"] as const) {
    const original = fs[name] as Callable;
    owner[name] = (...parameters: unknown[]) => {
      if (typeof parameters[0] === "number" && parameters[0] > 2) Atomics.wait(wait, 0, 0, delayMs);
      return original(...parameters);
    };
  }
}
