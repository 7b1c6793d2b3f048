#!/usr/bin/env node
import type { StopSignal } from "./command.ts";
import { dispatch } from "./dispatch.ts";

const signals: readonly StopSignal[] = ["SIGINT", "SIGTERM"];

const status = await dispatch(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
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
process.stdout.write("", () => process.stderr.write("", () => process.exit(status)));
