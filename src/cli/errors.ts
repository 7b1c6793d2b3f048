/** Why a command ended without success: `usage` is a mistake in its arguments, `failed` anything else. */
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

/** The text of anything thrown, in one line. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*[\r\n]+\s*/g, " ").trim();
}
