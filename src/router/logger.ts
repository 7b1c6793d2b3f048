import { escapeText, lineLimit } from "../go-text/index.ts";

/**
 * The receiver of the router's log lines; `console` is one. Lines have no time stamp, no level and no newline in them. Lines
 * of the original, word for word as it writes them, come at `info`; lines that the original does not have come at `warn`
 * or `debug`.
 *
 * Lines are safe to print. Names, nicknames, addresses and channels in them are cut at 1 KiB each and a line at 4 KiB, and
 * control characters, bidirectional controls and bytes that are not UTF-8 are escaped as `\x1b`, `\u202e`, `\x80`. The
 * original prints all of these as they came.
 */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Discards all lines: the default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Returns a logger that hands lines to another one, safe to print as {@link Logger} promises. */
export function escapingLogger(logger: Logger): Logger {
  return {
    debug: (message) => logger.debug(escapeText(message, lineLimit)),
    info: (message) => logger.info(escapeText(message, lineLimit)),
    warn: (message) => logger.warn(escapeText(message, lineLimit)),
    error: (message) => logger.error(escapeText(message, lineLimit)),
  };
}
