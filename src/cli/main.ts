#!/usr/bin/env node
import { createWriteStream, fstatSync } from "node:fs";
import type { Writable } from "node:stream";
import type { StopSignal } from "./command.ts";
import { dispatch } from "./dispatch.ts";

const signals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

const status = await dispatch(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: standardOutput(),
  stderr: process.stderr,
  terminal: process.stdout.isTTY === true,
  onSignal(listener) {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
});

// Standard input may still be open, which would keep the process alive: end it once all output is written.
process.stderr.write("", () => process.exit(status));

/** Node's own stream for a regular file ignores a write that a nearly full disk took only in part. */
function standardOutput(): Writable {
  if (!fstatSync(1).isFile()) return process.stdout;
  return createWriteStream("standard output", { fd: 1, autoClose: false });
}
