/**
 * Brings up the mixed mesh of docker-compose.yml on a machine that may have nothing of Docker yet.
 */
import { parseArgs } from "node:util";
import { allServices, Compose } from "./compose.ts";
import { ensureDaemon } from "./daemon.ts";
import { command, flavourOf } from "./flags.ts";
import { goPeerImage, typeScriptPeerImage, weaveMeshImage } from "./images.ts";
import { agree } from "./mesh-view.ts";

const usage = `Usage: npm run compose:up [-- OPTIONS]
  --flavour F     mac (the default) or hash: the names of the peers
  --images-only   make the images of both flavours and of the interop suite, and start nothing

Installs what is missing where it runs as root with apt-get, and otherwise says what is missing. Starts dockerd
if none answers. Pulls the base image, or makes it with debootstrap where no registry is reached.`;

const { values } = parseArgs({
  options: {
    flavour: { type: "string", default: "mac" },
    "images-only": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

await command(async () => {
  if (values.help) console.log(usage);
  else if (values["images-only"]) await makeImages();
  else await up();
  return 0;
});

async function makeImages(): Promise<void> {
  await ensureDaemon();
  for (const image of [
    await weaveMeshImage(),
    await typeScriptPeerImage(),
    await goPeerImage("mac"),
    await goPeerImage("hash"),
  ]) {
    console.log(image);
  }
}

async function up(): Promise<void> {
  const compose = await Compose.prepare({ flavour: flavourOf(values.flavour) });
  await compose.up();
  await agree(compose, allServices);
  console.log(`${allServices.length} peers agree. Their status, for weave-mesh status HOST:PORT:`);
  for (const service of allServices) {
    console.log(`  ${service}  ${compose.nameOf(service)}  ${await compose.statusAddress(service)}`);
  }
  console.log(`Their logs: ${compose.command.join(" ")} logs --follow. The end: npm run compose:down`);
}
