import type { Flavour } from "../driver/go-build.ts";

/** @throws Error when it is no flavour. */
export function flavourOf(text: string): Flavour {
  if (text !== "mac" && text !== "hash") throw new Error(`--flavour: ${text} is neither mac nor hash`);
  return text;
}

/** Runs a command's body; an error is one message on standard error and exit status 1. */
export async function command(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
