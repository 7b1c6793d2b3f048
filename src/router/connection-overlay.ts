import type { ConnectionHost } from "./connection-host.ts";
import { toError } from "./errors.ts";
import type { OverlayConnection, OverlayConnectionParams } from "./overlay.ts";

/** The connection's side of its overlay. */
export interface ConnectionOverlayOptions {
  /** Called when the overlay has prepared its part: at once, or late if it returned a promise. */
  prepared(late: boolean): void;
  /** Called when the overlay's path works. */
  established(): void;
  /** Called with an error of the overlay, which ends the connection. */
  failed(error: Error, duringPreparation: boolean): void;
}

/** The overlay's part of one connection, from its preparation to its end. */
export class ConnectionOverlay {
  readonly #host: ConnectionHost;
  readonly #options: ConnectionOverlayOptions;
  #connection: OverlayConnection | undefined;
  #stopped = false;

  constructor(host: ConnectionHost, options: ConnectionOverlayOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** The overlay's attributes for Status. */
  get attributes(): Record<string, unknown> | undefined {
    return this.#connection?.attributes();
  }

  /** Has the overlay prepare its part. Returns whether it takes time. Throws whatever the overlay throws. */
  prepare(params: OverlayConnectionParams): boolean {
    const { prepared, failed } = this.#options;
    const settle = (connection: OverlayConnection, late: boolean): void => {
      if (this.#stopped) {
        connection.stop();
        return;
      }
      this.#connection = connection;
      prepared(late);
    };
    const prepares = this.#host.overlay.prepare(params);
    if (!(prepares instanceof Promise)) {
      settle(prepares, false);
      return false;
    }
    prepares.then(
      (connection) => settle(connection, true),
      (error) => failed(toError(error), true),
    );
    return true;
  }

  /** Tells the overlay that the connection is in our table. Returns false if it fails. */
  confirm(): boolean {
    const connection = this.#connection!;
    const failed = (thrown: unknown): void => this.#options.failed(toError(thrown), false);
    try {
      connection.confirm();
    } catch (error) {
      failed(error);
      return false;
    }
    connection.established.then(() => this.#options.established(), failed);
    connection.failed.then(failed, failed);
    return true;
  }

  /** Passes a control message on. */
  control(tag: number, message: Uint8Array): void {
    this.#connection?.control(tag, message);
  }

  /** Tells the overlay that the connection has ended. */
  stop(): void {
    this.#stopped = true;
    try {
      this.#connection?.stop();
    } catch (error) {
      this.#host.report(error);
    }
  }
}
