import { randomBytes } from "node:crypto";
import { constants, type Stats, unlinkSync } from "node:fs";
import { access, type FileHandle, lstat, open, readlink, realpath, rename, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { CliError, oneLine } from "./errors.ts";
import { writable } from "./standard-output.ts";

/** The most symbolic links followed to a file that does not exist yet; Linux's own limit. */
const maxLinks = 40;

/**
 * A file that a command writes. A regular file is written beside its place and renamed when it is complete, so that a
 * failure leaves the previous content, and the command may read the same file. A symbolic link stays, and the file that it
 * leads to is replaced. Pipes and devices are written in place.
 */
export class OutputFile {
  readonly #path: string;
  readonly #stream: Writable;
  /** The paths of the temporary file and of the file that it replaces; undefined for a file written in place. */
  readonly #replacement: { readonly from: string; readonly to: string } | undefined;

  private constructor(path: string, stream: Writable, replacement?: { from: string; to: string }) {
    this.#path = path;
    this.#stream = stream;
    this.#replacement = replacement;
    // `write` and `commit` report the error.
    stream.on("error", () => {});
  }

  /**
   * Opens a file for writing. A new file gets the usual mode; a file that is replaced keeps its mode and, where the system
   * permits it, its owner.
   *
   * @throws CliError `failed`, naming the file.
   */
  static async open(path: string): Promise<OutputFile> {
    try {
      const present = await stat(path).catch(missing);
      const inPlace = present !== undefined && !present.isFile();
      if (inPlace || /^\/(dev|proc)\//.test(resolve(path))) {
        return new OutputFile(path, (await open(path, "w")).createWriteStream());
      }
      const to = present === undefined ? await linkTarget(path) : await realpath(path);
      if (basename(to) === "") throw new Error("not the name of a file");
      // A rename needs no permission for the file that it replaces.
      if (present !== undefined) await access(to, constants.W_OK);
      const from = join(dirname(to), `.weave-mesh-${randomBytes(8).toString("hex")}.tmp`);
      const handle = await open(from, "wx", 0o666);
      const file = new OutputFile(path, handle.createWriteStream(), { from, to });
      try {
        if (present !== undefined) await likeBefore(handle, present);
      } catch (error) {
        file.discard();
        throw error;
      }
      return file;
    } catch (error) {
      throw failure(path, error);
    }
  }

  /** Whether an incomplete file lies beside its place, which must be discarded before the process ends. */
  get isReplacement(): boolean {
    return this.#replacement !== undefined;
  }

  /** Writes bytes; settles when more can be taken. @throws CliError `failed`, naming the file. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#stream.errored === null && !this.#stream.write(bytes)) await writable(this.#stream);
    if (this.#stream.errored !== null) throw failure(this.#path, this.#stream.errored);
  }

  /** Puts the file in its place when all of it is written. @throws CliError `failed`, naming the file. */
  async commit(): Promise<void> {
    try {
      this.#stream.end();
      await finished(this.#stream);
      if (this.#replacement !== undefined) await rename(this.#replacement.from, this.#replacement.to);
    } catch (error) {
      this.discard();
      throw failure(this.#path, error);
    }
  }

  /** Gives the file up and leaves its place as it was. */
  discard(): void {
    this.#stream.destroy();
    if (this.#replacement === undefined) return;
    try {
      unlinkSync(this.#replacement.from);
    } catch {
      // The folder may have gone, too.
    }
  }
}

/** Gives a new file the mode and the owner of the file that it replaces. */
async function likeBefore(handle: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  const own = await handle.stat();
  // Only root may give files away. The owner comes first, as a change of owner clears bits of the mode.
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid).catch(() => {});
  await handle.chmod(mode & 0o7777);
}

/** The path of a file that does not exist, behind the symbolic links that lead to it. */
async function linkTarget(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < maxLinks; links++) {
    const entry = await lstat(target).catch(missing);
    if (entry === undefined || !entry.isSymbolicLink()) return target;
    target = resolve(dirname(target), await readlink(target));
  }
  throw new Error("too many symbolic links");
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}

function failure(path: string, error: unknown): CliError {
  return new CliError("failed", `${path}: ${oneLine(error)}`, { cause: error });
}
