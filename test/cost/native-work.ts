/** Bytes and characters are passed over far faster than blocks are executed. */
const unitsPerStep = 32;

type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Sized {
  readonly length: number;
}

/** The elements that a search passed over, from its start and its result. */
function searched(self: Sized, args: readonly unknown[], result: number): number {
  const from = typeof args[1] === "number" ? args[1] : 0;
  const start = from < 0 ? Math.max(0, self.length + from) : from;
  return Math.max(0, (result < 0 ? self.length : result) - start);
}

const searches = ["indexOf"];
const backwardSearches = ["lastIndexOf"];
const membership = ["includes"];

/** Operations that move or read every element of the receiver. */
const wholeOfArray = [
  "concat",
  "copyWithin",
  "fill",
  "flat",
  "join",
  "reverse",
  "shift",
  "slice",
  "sort",
  "splice",
  "toReversed",
  "toSorted",
  "toSpliced",
  "unshift",
  "with",
];
const wholeOfTyped = ["fill", "join", "reverse", "sort"];
const wholeOfString = ["match", "normalize", "replace", "replaceAll", "split", "toLowerCase", "toUpperCase"];

/** Starts to count the elements that native list operations pass over; `stop` ends it and returns the count. */
export function countNativeWork(): { stop(): number } {
  let steps = 0;
  const undo: (() => void)[] = [];

  function patch(
    owner: object,
    names: readonly string[],
    count: (self: Sized, args: readonly unknown[], result: unknown) => number,
  ): void {
    for (const name of names) {
      const original = Object.getOwnPropertyDescriptor(owner, name);
      if (original === undefined || typeof original.value !== "function") continue;
      const method = original.value as Method;
      const counted: Method = function (...args) {
        const result = Reflect.apply(method, this, args) as unknown;
        steps += count(this as Sized, args, result);
        return result;
      };
      Object.defineProperty(owner, name, { ...original, value: counted });
      undo.push(() => Object.defineProperty(owner, name, original));
    }
  }

  function patchSearches(owner: object, unit: number): void {
    patch(owner, searches, (self, args, result) => searched(self, args, result as number) / unit);
    patch(owner, backwardSearches, (self, _, result) => (self.length - (result as number)) / unit);
    // Where it stopped is not known without a search; a miss passes over everything.
    patch(owner, membership, (self, _, result) => (result === true ? 1 : self.length / unit));
  }

  const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
  patchSearches(Array.prototype, 1);
  patchSearches(typed, unitsPerStep);
  patchSearches(Buffer.prototype, unitsPerStep);
  patchSearches(String.prototype, unitsPerStep);
  patch(Array.prototype, ["slice"], (_, __, result) => (result as Sized).length);
  patch(
    Array.prototype,
    wholeOfArray.filter((name) => name !== "slice"),
    (self) => self.length,
  );
  patch(typed, wholeOfTyped, (self) => self.length / unitsPerStep);
  patch(typed, ["slice"], (_, __, result) => (result as Sized).length / unitsPerStep);
  patch(typed, ["set"], (_, args) => ((args[0] as Partial<Sized>).length ?? 0) / unitsPerStep);
  patch(typed, ["copyWithin"], (self, args) => {
    const end = (args[2] as number | undefined) ?? self.length;
    return Math.max(0, end - (args[1] as number)) / unitsPerStep;
  });
  patch(String.prototype, wholeOfString, (self) => self.length / unitsPerStep);
  patch(String.prototype, ["repeat", "padStart", "padEnd"], (_, __, result) => {
    return (result as Sized).length / unitsPerStep;
  });
  patch(Buffer, ["concat", "from"], (_, __, result) => (result as Sized).length / unitsPerStep);
  patch(Buffer.prototype, ["toString", "utf8Slice", "latin1Slice", "hexSlice"], (_, __, result) => {
    return (result as Sized).length / unitsPerStep;
  });
  patch(TextEncoder.prototype, ["encode"], (_, __, result) => (result as Sized).length / unitsPerStep);
  patch(TextDecoder.prototype, ["decode"], (_, __, result) => (result as Sized).length / unitsPerStep);

  return {
    stop() {
      for (const restore of undo.splice(0).reverse()) restore();
      return Math.round(steps);
    },
  };
}
