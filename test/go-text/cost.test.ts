import test from "ava";
import { byteLength, cutText, escapedJson, escapeText, goJson, quoteAsGo } from "../../src/go-text/index.ts";
import { assertGrowth } from "../cost/growth.ts";

const samples: Record<string, string> = {
  ASCII: "abcdefghij",
  "control characters": "\x1b\n\r\x07\x7f\x85\x1b\n\r\x07",
  "surrogate pairs": "\u{1f600}".repeat(5),
  "bytes that are not UTF-8": "\udcff".repeat(10),
  quotes: '"\\"\\"\\"\\"\\',
};

for (const [name, run] of Object.entries({
  byteLength,
  cutText,
  quoteAsGo,
  escapeText,
  escapedJson,
  goJson,
})) {
  test.serial(`go-text: ${name} works in proportion to its text`, async (t) => {
    for (const [kind, sample] of Object.entries(samples)) {
      await assertGrowth(t, {
        name: `${name} of ${kind}`,
        prepare: (size) => sample.repeat(size / 10),
        run: (text) => run(text),
        // A text of ASCII is measured by one regular expression, and most texts are cut after a bounded prefix.
        least: 0,
      });
    }
  });
}
