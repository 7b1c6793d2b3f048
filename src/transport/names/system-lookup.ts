/** Looks up a name by the operating system. Rejects where it has none; the signal takes back a call that still waits. */
export type SystemLookup = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/**
 * Makes a lookup that runs one call at a time: getaddrinfo takes a thread of Node's pool, which file access needs too,
 * and cannot be cancelled. Calls wait for their turn until their signal aborts; then they reject.
 */
export function oneAtATime(lookup: (name: string) => Promise<readonly string[]>): SystemLookup {
  const waiting = new Set<() => void>();
  let isRunning = false;
  const next = (): void => {
    const [first] = waiting;
    if (isRunning || first === undefined) return;
    waiting.delete(first);
    isRunning = true;
    first();
  };
  return (name, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const run = (): void => {
        signal.removeEventListener("abort", leave);
        void lookup(name)
          .then(resolve, reject)
          .then(() => {
            isRunning = false;
            next();
          });
      };
      const leave = (): void => {
        waiting.delete(run);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.add(run);
      next();
    });
}

/**
 * Whether nsswitch.conf names a source of host names besides hosts file and DNS, such as multicast DNS or LDAP.
 * Source: nsswitch.conf(5).
 */
export function hasOtherSources(nsswitch: string): boolean {
  const line = /^[ \t]*hosts:(.*)$/m.exec(nsswitch)?.[1] ?? "";
  const sources = line.replace(/#.*|\[[^\]]*\]/g, " ").trim();
  return sources.split(/\s+/).some((source) => !/^(files|dns)?$/.test(source));
}
