import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

const file = "/etc/hosts";

/**
 * A host name in /etc/hosts, which both Go's resolver and Node's read at every look-up (Go keeps what it has read
 * for 5 s). Needs the right to write that file.
 */
export class HostName {
  readonly name: string;

  /** The name should be nobody else's; it leads nowhere before `set`. */
  constructor(name: string) {
    this.name = name;
    process.once("exit", () => this.remove());
  }

  /** Lets the name lead to this address alone. @throws Error when /etc/hosts cannot be written. */
  set(address: string): void {
    this.#write(`${address} ${this.name}\n`);
  }

  /** Takes the name out. */
  remove(): void {
    if (readFileSync(file, "utf8").includes(this.name)) this.#write("");
  }

  #write(line: string): void {
    const before = readFileSync(file, "utf8");
    const others = before.split(/(?<=\n)/).filter((other) => !other.split(/\s+/).includes(this.name));
    try {
      replace(others.join("") + line, Buffer.byteLength(before));
    } catch (error) {
      throw new Error(`host names are tested with ${file}, which cannot be written`, { cause: error });
    }
  }
}

/**
 * Writes the file in one piece over what is there, and cuts off what is left of that: whoever looks a name up meanwhile finds
 * all the others. Not by renaming a new file, which would be simpler: in containers /etc/hosts is a mount.
 */
function replace(text: string, bytesBefore: number): void {
  const bytes = Buffer.byteLength(text);
  const descriptor = openSync(file, "r+");
  try {
    writeSync(descriptor, text + "\n".repeat(Math.max(0, bytesBefore - bytes)), 0);
    ftruncateSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}
