import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** The mode of every file that holds conversations or keys: its owner reads and writes it, nobody else. */
export const privateFileMode = 0o600;
/** The mode of the folders that are made for such files. */
export const privateFolderMode = 0o700;

const noFollow = constants.O_NOFOLLOW ?? 0;
const createNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
const append = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
/** The permissions of group and others. */
const othersMask = 0o077;

/** A file that is being written. */
export interface WritableFile {
  /** Writes all of the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Creates a file that only its owner can read. Rejects with `EEXIST` if there is one of that name, or a symbolic link. */
export async function createPrivateFile(path: string): Promise<WritableFile> {
  const handle = await open(path, createNew, privateFileMode);
  return {
    write: async (bytes) => handle.writeFile(bytes),
    close: async () => handle.close(),
  };
}

/** Creates a file that only its owner can read, with this content. Throws `EEXIST` if there is one, or a symbolic link. */
export function writePrivateFile(path: string, text: string): void {
  writeAndClose(openSync(path, createNew, privateFileMode), text);
}

/** Appends to a file that {@link writePrivateFile} created. Throws `ELOOP` if a symbolic link has taken its place. */
export function appendToPrivateFile(path: string, text: string): void {
  writeAndClose(openSync(path, constants.O_WRONLY | constants.O_APPEND | noFollow), text);
}

/**
 * Makes a folder, and those above it, that only their owner can read. Folders that exist stay as they are.
 *
 * Makes one after the other: the recursive mkdir of Node 20 never returns where the file system refuses new names with
 * ENOENT, as /proc does.
 */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: privateFolderMode });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || above === path || existsSync(above)) throw error;
    makePrivateFolder(above);
    makePrivateFolder(path);
  }
}

/**
 * Opens a file of secrets to append to, which only its owner can read; creates it if need be. Returns its descriptor.
 *
 * An existing file keeps its content. If others can read or write it, its mode is changed to 0600 and `notice` is told.
 * Pipes and devices are taken as they are.
 *
 * @throws Error of node:fs; and if a symbolic link stands for a regular file, or the file belongs to another user, who
 * could read what is written.
 */
export function openSecretsFile(path: string, notice: (text: string) => void): number {
  const descriptor = openNoLink(path);
  try {
    const { mode, uid } = fstatSync(descriptor);
    // Only regular files keep what is written.
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || process.getuid === undefined) return descriptor;
    if (uid !== process.getuid()) throw new Error(`${path} belongs to another user, who could read the keys`);
    if ((mode & othersMask) !== 0) {
      fchmodSync(descriptor, privateFileMode);
      notice(`${path} was open to other users (mode ${octal(mode)}): changed to ${octal(privateFileMode)}`);
    }
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openNoLink(path: string): number {
  try {
    return openSync(path, append | noFollow, privateFileMode);
  } catch (error) {
    if ((error as { code?: string }).code !== "ELOOP") throw error;
    // Links such as /dev/stdout lead to a pipe, a terminal or a file that is open already.
    if (path.startsWith("/dev/") || !statSync(path).isFile()) return openSync(path, append, privateFileMode);
    throw new Error(`${path} is a symbolic link: give the file itself`);
  }
}

function writeAndClose(descriptor: number, text: string): void {
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } finally {
    closeSync(descriptor);
  }
}

function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}
