import { escapeText, lineLimit } from "../go-text/index.ts";

/** The kind of a command's failure: `usage` is a mistake in its arguments, `failed` anything else. */
export type CliErrorCode = "usage" | "failed";

/**
 * An error that a command reports to its user in one line on standard error.
 *
 * `exitStatus` is what the process ends with: 2 for `usage`, 1 for `failed`.
 */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get exitStatus(): 1 | 2 {
    return this.code === "usage" ? 2 : 1;
  }
}

/**
 * Returns the text of anything thrown as one line that is safe on a terminal: escaped, at most 4 KiB. The text may quote
 * files and the answers of others.
 */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.length > lineLimit ? [text] : text.split(/[\r\n]+/);
  return escapeText(
    lines
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join(" "),
    lineLimit,
  );
}
