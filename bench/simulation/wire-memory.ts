/** How much may be on its way, or garbage that once was, before it is collected. */
const collectAfterBytes = 1.5e9;

/**
 * Makes the memory of what is on its way between routers. V8 marks the whole heap for each 64 MB of array buffers that outlive
 * the collections of young objects, and that of hundreds of routers is large: it took two thirds of the processor time. Shared
 * memory it does not count; so we do, and collect now and then. Needs `--expose-gc`.
 */
export function wireMemory(): (length: number) => Uint8Array {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("node must be started with --expose-gc");
  let bytes = 0;
  return (length) => {
    bytes += length;
    if (bytes >= collectAfterBytes) {
      bytes = 0;
      gc();
    }
    return new Uint8Array(new SharedArrayBuffer(length));
  };
}
