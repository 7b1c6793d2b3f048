/**
 * Times one row in this process and prints nanoseconds as JSON: `time-row.ts SECONDS ROW`. The counterpart of
 * main.go: a process for each row, so that neither side meets what other rows have left behind.
 */
import { rows } from "./rows.ts";

/** Nanoseconds of one call, and the bytes of an encoded value. */
export interface RowTimes {
  readonly encode: number;
  readonly decode: number;
  readonly toJson: number;
  readonly fromJson: number;
  readonly bytes: number;
}

const [seconds, name] = [Number(process.argv[2]), process.argv[3]];
let sink = 0;

/** Runs for a while unmeasured, then for a while measured: the median over samples of about a millisecond. */
function median(run: () => number): number {
  let count = 0;
  for (let end = performance.now() + seconds * 1000; performance.now() < end; count++) sink += run();
  const batch = Math.max(1, Math.floor(count / (seconds * 1000)));
  const samples: number[] = [];
  for (let end = performance.now() + seconds * 1000; performance.now() < end; ) {
    const start = performance.now();
    for (let i = 0; i < batch; i++) sink += run();
    samples.push(((performance.now() - start) * 1e6) / batch);
  }
  return samples.sort((a, b) => a - b)[samples.length >> 1]!;
}

const row = rows().find((candidate) => candidate.name === name);
if (row === undefined) throw new Error(`no row ${name}`);
const { encode, decode, toJson, fromJson } = row;
const bytes = encode();
const json = toJson();
const times: RowTimes = {
  encode: median(() => encode().length),
  decode: median(() => decode(bytes)),
  toJson: median(() => toJson().length),
  fromJson: median(() => (fromJson(json) === null ? 0 : 1)),
  bytes: bytes.length,
};
// Printed after all results were read, so none can be left out.
console.log(JSON.stringify(times), Number.isNaN(sink) ? sink : "");
