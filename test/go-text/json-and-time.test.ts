import test from "ava";
import { goJson, goTime } from "../../src/go-text/index.ts";

test("Go texts: JSON is what encoding/json prints", (t) => {
  // Printed by Go's json.Marshal of the same values.
  t.is(goJson('<a href="x">&\u2028\u2029'), '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029"');
  t.is(goJson("tab\tnul\0bell\x07del\x7f"), '"tab\\tnul\\u0000bell\\u0007del\x7f"');
  t.is(goJson("bytes \udcff\udc80 and \ufffd"), '"bytes \\ufffd\\ufffd and \ufffd"');
  t.is(goJson("back\\udcff"), '"back\\\\udcff"');
  t.is(goJson("grin \u{1f600}"), '"grin \u{1f600}"');
  t.is(
    goJson({ UID: 18446744073709551615n, List: null, Sub: [1, true, "x"] }),
    '{"UID":18446744073709551615,"List":null,"Sub":[1,true,"x"]}',
  );
});

test("Go texts: a time is printed with nanoseconds, zone and monotonic reading", (t) => {
  const started = Date.UTC(2026, 0, 2, 3, 4, 0);
  t.regex(goTime(started + 5_250, started), /^2026-01-0\d \d\d:\d\d:05\.25 [+-]\d{4} \S+ m=\+5\.250000000$/);
  t.regex(goTime(started, started), /^2026-01-0\d \d\d:\d\d:00 [+-]\d{4} \S+ m=\+0\.000000000$/);
});
