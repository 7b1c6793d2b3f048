/**
 * Second process of the byte-exact proof: reads the descriptions and nothing else, and encodes them.
 *
 *     encode.ts DESCRIBED ENCODED
 */
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { encodeTopology } from "../../src/capture/topology-json.ts";
import { type DescribedMessage, encodeDescribed } from "../../src/wire/index.ts";

const [describedFile = "", encodedFile = ""] = process.argv.slice(2);
const encoded = createWriteStream(encodedFile);
for await (const line of createInterface({ input: createReadStream(describedFile) })) {
  const bytes = encodeDescribed(JSON.parse(line) as DescribedMessage, encodeTopology);
  if (!encoded.write(`${Buffer.from(bytes).toString("hex")}\n`)) await once(encoded, "drain");
}
encoded.end();
