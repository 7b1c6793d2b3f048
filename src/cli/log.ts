import type { Writable } from "node:stream";
import { escapeText, lineLimit } from "../go-text/index.ts";

/** The levels of `--log-level`, from the most to the least talkative. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Writes log lines as Go's `log` package does with its standard flags: prefix, date and time in the local zone, text.
 *
 *     ts-1> 2026/01/02 15:04:05 ->[127.0.0.1:6783] attempting connection
 *
 * Lines below the chosen level are left out; `silent` leaves out all. A line is escaped and cut at 4 KiB; Go writes control
 * characters, line ends included, as they come.
 */
export class LineLogger {
  readonly #output: Writable;
  readonly #prefix: string;
  readonly #threshold: number;
  readonly #now: () => Date;

  constructor(
    output: Writable,
    prefix: string,
    level: LogLevel = "info",
    now: () => Date = () => new Date(),
  ) {
    this.#output = output;
    this.#prefix = escapeText(prefix);
    this.#threshold = logLevels.indexOf(level);
    this.#now = now;
  }

  debug(message: string): void {
    this.#write("debug", message);
  }

  info(message: string): void {
    this.#write("info", message);
  }

  warn(message: string): void {
    this.#write("warn", message);
  }

  error(message: string): void {
    this.#write("error", message);
  }

  #write(level: LogLevel, message: string): void {
    if (logLevels.indexOf(level) < this.#threshold) return;
    const text = escapeText(message.endsWith("\n") ? message.slice(0, -1) : message, lineLimit);
    this.#output.write(`${this.#prefix}${formatLogTime(this.#now())} ${text}\n`);
  }
}

/** A time as Go's `log.LstdFlags` prints it, `2006/01/02 15:04:05`, in the local zone. */
export function formatLogTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${String(time.getFullYear()).padStart(4, "0")}/${two(time.getMonth() + 1)}/${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
