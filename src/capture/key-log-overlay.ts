import type { Overlay, OverlayConnection, OverlayConnectionParams } from "../router/index.ts";
import { formatAddress } from "../transport/index.ts";
import type { Features } from "../wire/index.ts";
import { formatKeyLogEntry } from "./key-log.ts";

/**
 * An overlay that writes each connection's session key to a key log and else does what `inner` does, by default nothing:
 * connections are established at once, as without an overlay. As in the original no key is given out where the two
 * peers trust each other's networks.
 */
export class KeyLogOverlay implements Overlay {
  readonly #write: (line: string) => void;
  readonly #inner: Overlay | undefined;

  /** `write` gets whole lines with their line ends. */
  constructor(write: (line: string) => void, inner?: Overlay) {
    this.#write = write;
    this.#inner = inner;
  }

  addFeatures(features: Features): void {
    this.#inner?.addFeatures(features);
  }

  prepare(params: OverlayConnectionParams): OverlayConnection | Promise<OverlayConnection> {
    const { sessionKey, connectionUid, localAddress, remoteAddress } = params;
    if (sessionKey !== undefined) {
      this.#write(
        formatKeyLogEntry({
          sessionKey,
          connectionUid,
          local: formatAddress(localAddress),
          remote: formatAddress(remoteAddress),
        }),
      );
    }
    return this.#inner?.prepare(params) ?? passiveConnection();
  }

  diagnostics(): unknown {
    return this.#inner?.diagnostics() ?? null;
  }

  stop(): void {
    this.#inner?.stop();
  }
}

function passiveConnection(): OverlayConnection {
  return {
    established: Promise.resolve(),
    failed: new Promise(() => {}),
    confirm() {},
    control() {},
    attributes: () => undefined,
    stop() {},
  };
}
