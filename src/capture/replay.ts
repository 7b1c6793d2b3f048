import { cutText } from "../go-text/index.ts";
import type { Clock, Random, Socket, Timer } from "../transport/index.ts";
import { type Features, Handshake, HandshakeError, type Session } from "../wire/index.ts";
import { CaptureError } from "./errors.ts";
import { ReplayComparison, type ReplayReport } from "./replay-report.ts";
import { type Renaming, type ReplayScript, renameMessage } from "./replay-script.ts";
import { encodeGoString } from "./text.ts";

/** The time for the live peer's header, in milliseconds; the router's own. */
export const replayHeaderTimeoutMs = 10_000;
/** The time for the rest of the handshake, in milliseconds; the router's own. */
export const replayHandshakeTimeoutMs = 60_000;
/** The time that a replay may take longer than its record, in milliseconds, unless configured otherwise. */
export const replayGraceMs = 60_000;

/** Messages are written while fewer bytes wait in the socket. */
const maxQueuedBytes = 1024 * 1024;

/** The options of a replay. */
export interface ReplayOptions {
  readonly script: ReplayScript;
  /** Connected to the live peer. */
  readonly socket: Socket;
  /** Whether we dialled it. */
  readonly outbound: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** In place of the record's; needed if the record is sealed and does not know it. */
  readonly password?: Uint8Array | undefined;
  /** The name to play under, in place of the record's. */
  readonly name?: string | undefined;
  readonly uid?: bigint | undefined;
  /** Say everything at once, in place of at the recorded times. Default false. */
  readonly fast?: boolean;
  /** The time to listen after the last message of the record, in milliseconds. Default 2 s. */
  readonly holdMs?: number;
  /**
   * The longest time for the whole conversation after the handshake, in milliseconds. Default: the record's duration,
   * `holdMs` and 60 s.
   */
  readonly timeoutMs?: number | undefined;
  /** Ends the replay. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the handshake is done. */
  readonly connected?: (features: Features) => void;
}

/**
 * Plays one side of a record against a live peer, sealed anew with fresh keys, and compares what comes back with the
 * record. Where the live peer has another name than the one in the record, the messages speak of it by its own. Answers
 * are compared as they come and not kept.
 *
 * Throws CaptureError `not-playable` if the password is not known, `refused` if the handshake fails or takes longer than
 * 10 s for the header and 60 s for the rest. A conversation that takes too long ends with a report that says so.
 */
export async function replaySession(options: ReplayOptions): Promise<ReplayReport> {
  return new Replay(options).run();
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #handshake: Handshake;
  readonly #comparison: ReplayComparison;
  readonly #features: Features;
  #session: Session | undefined;
  #endedBy: string | undefined;
  #refusal: CaptureError | undefined;
  #startedAt = 0;
  #back: Renaming = { names: new Map(), uids: new Map() };
  #deadline: Timer | undefined;
  #hasHeader = false;
  #wake = (): void => {};

  constructor(options: ReplayOptions) {
    const { script, random, outbound, name, uid } = options;
    this.#options = options;
    this.#features = new Map(script.features);
    this.#comparison = new ReplayComparison(script.flavour, script.answers);
    if (name !== undefined) this.#features.set("Name", name);
    if (uid !== undefined) this.#features.set("UID", String(uid));
    // The connection's own identifier is drawn anew, or two replays would always tie.
    this.#features.set("ConnID", String(new DataView(random.bytes(8).buffer).getBigUint64(0)));
    this.#features.delete("PublicKey");
    const password = this.#password();
    this.#handshake = new Handshake({
      minVersion: script.minVersion,
      maxVersion: script.maxVersion,
      features: this.#features,
      outbound,
      randomBytes: (length) => random.bytes(length),
      ...(password !== undefined && { password }),
    });
  }

  async run(): Promise<ReplayReport> {
    const { signal } = this.#options;
    const aborted = () => this.#wake();
    signal?.addEventListener("abort", aborted, { once: true });
    try {
      const session = await this.#shakeHands();
      return await this.#converse(session);
    } finally {
      this.#deadline?.cancel();
      signal?.removeEventListener("abort", aborted);
      this.#options.socket.reset();
      this.#session?.wipe();
    }
  }

  async #shakeHands(): Promise<Session> {
    const { socket, connected } = this.#options;
    socket.attach({
      data: (chunk) => this.#data(chunk),
      drain: () => this.#wake(),
      end: () => this.#end("the live peer closed the connection"),
      closed: (error) => this.#end(error === undefined ? "the connection is over" : error.message),
    });
    socket.write(this.#handshake.start());
    this.#setDeadline(replayHeaderTimeoutMs, "the live peer sent no header within 10 s");
    await this.#until(() => this.#session !== undefined);
    if (this.#session === undefined)
      throw this.#refusal ?? new CaptureError("refused", this.#endedBy ?? "interrupted within the handshake");
    connected?.(this.#session.features);
    return this.#session;
  }

  async #converse(session: Session): Promise<ReplayReport> {
    const { socket, clock, script, fast = false, holdMs = 2_000 } = this.#options;
    const renaming = this.#renaming(session.features);
    const recordedMs = Math.max(script.messages.at(-1)?.at ?? 0, script.answers.at(-1)?.at ?? 0);
    const timeoutMs = this.#options.timeoutMs ?? recordedMs + holdMs + replayGraceMs;
    this.#setDeadline(timeoutMs, `the replay took longer than ${Math.round(timeoutMs / 1000)} s`);
    this.#startedAt = clock.now();
    let played = 0;
    for (const { at, bytes } of script.messages) {
      if (!fast) await this.#pause(this.#startedAt + at - clock.now());
      if (this.#over) break;
      const message = renameMessage(bytes, script.flavour, renaming);
      if (!socket.write(session.outgoing.encodeMessage(message))) {
        await this.#until(() => socket.queuedBytes < maxQueuedBytes);
      }
      played++;
    }
    const recordedEnd = fast ? 0 : (script.answers.at(-1)?.at ?? 0) - (clock.now() - this.#startedAt);
    await this.#pause(Math.max(holdMs, recordedEnd));
    const liveFeatures = new Map(session.features);
    liveFeatures.set("Name", this.#back.names.get(liveFeatures.get("Name")!) ?? liveFeatures.get("Name")!);
    const report = this.#comparison.report({
      protocol: session.version,
      recordedFeatures: script.otherFeatures,
      liveFeatures,
      played,
      of: script.messages.length,
      endedBy: this.#endedBy,
    });
    return { ...report, remoteName: cutText(session.features.get("Name") ?? "") };
  }

  #setDeadline(ms: number, reason: string): void {
    this.#deadline?.cancel();
    this.#deadline = this.#options.clock.setTimeout(() => this.#end(reason), ms);
  }

  get #over(): boolean {
    return this.#endedBy !== undefined || this.#options.signal?.aborted === true;
  }

  #password(): Uint8Array | undefined {
    const { script, password } = this.#options;
    if (password !== undefined) return password;
    if (!script.sealed) return undefined;
    if (script.password === undefined || script.password === null) {
      throw new CaptureError("not-playable", "the session was sealed and its password is not known");
    }
    return encodeGoString(script.password);
  }

  #renaming(liveFeatures: Features): Renaming {
    const { script, name, uid } = this.#options;
    const names = new Map<string, string>();
    const own = script.features.get("Name")!;
    const other = script.otherFeatures.get("Name")!;
    const live = liveFeatures.get("Name")!;
    if (name !== undefined && name !== own) names.set(own, name);
    if (live !== other) names.set(other, live);
    return { names, uids: uid === undefined ? new Map() : new Map([[own, uid]]) };
  }

  #data(chunk: Uint8Array): void {
    // After the end, messages that are still on their way change nothing.
    if (this.#over) return;
    try {
      if (this.#session === undefined) {
        const { write, session } = this.#handshake.push(chunk);
        for (const bytes of write) this.#options.socket.write(bytes);
        if (session === undefined) {
          if (!this.#hasHeader && this.#handshake.phase !== "header") {
            this.#hasHeader = true;
            this.#setDeadline(replayHandshakeTimeoutMs, "the handshake took longer than 60 s");
          }
          return;
        }
        this.#session = session;
        this.#back = reverse(this.#renaming(session.features));
      } else {
        this.#session.incoming.push(chunk);
      }
      const { incoming } = this.#session;
      for (let bytes = incoming.next(); bytes !== undefined; bytes = incoming.next()) {
        this.#comparison.add(renameMessage(bytes, this.#options.script.flavour, this.#back));
      }
    } catch (error) {
      if (error instanceof HandshakeError) {
        for (const bytes of error.write) this.#options.socket.write(bytes);
        this.#refusal = new CaptureError("refused", `the handshake failed: ${error.message}`, {
          cause: error,
        });
      }
      this.#end((error as Error).message);
    }
    this.#wake();
  }

  #end(reason: string): void {
    this.#endedBy ??= reason;
    this.#wake();
  }

  /** Waits for a condition, or the end. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits for a time, or the end. */
  async #pause(ms: number): Promise<void> {
    const { clock } = this.#options;
    // The timer decides, not the clock: it may fire a fraction of a millisecond before its time.
    let due = false;
    const timer = clock.setTimeout(
      () => {
        due = true;
        this.#wake();
      },
      Math.max(0, ms),
    );
    await this.#until(() => due);
    timer.cancel();
  }
}

function reverse({ names }: Renaming): Renaming {
  return { names: new Map([...names].map(([from, to]) => [to, from])), uids: new Map() };
}
