/**
 * Where the router's log lines go; `console` is one. Lines have no time stamp, no level and no newline in them. Lines
 * of the original, word for word as it writes them, come at `info`; what the original never says comes at `warn` or
 * `debug`.
 */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Says nothing: the default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
