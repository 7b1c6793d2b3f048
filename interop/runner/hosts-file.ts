import { readFileSync, writeFileSync } from "node:fs";

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

  // Not by renaming a new file: in containers /etc/hosts is a mount.
  #write(line: string): void {
    const others = readFileSync(file, "utf8")
      .split(/(?<=\n)/)
      .filter((other) => !other.split(/\s+/).includes(this.name));
    try {
      writeFileSync(file, others.join("") + line);
    } catch (error) {
      throw new Error(`host names are tested with ${file}, which cannot be written`, { cause: error });
    }
  }
}
