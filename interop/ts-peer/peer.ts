import { type Channel, type Flavour, PeerName, type Router } from "weave-mesh";
import { CounterChannel, type Counts } from "./counter-channel.ts";
import { LogChannel, type LogData } from "./log-channel.ts";
import { ReceivedRecord } from "./received.ts";

/** A router with the channels that were registered on it. */
export class DrivenRouter {
  readonly router: Router;
  readonly flavour: Flavour;
  readonly received = new ReceivedRecord();
  readonly #counterKey: PeerName;
  readonly #logs = new Map<string, Channel<LogData>>();
  readonly #counters = new Map<string, CounterChannel>();

  /** `counterKey`: what its counters count under. */
  constructor(router: Router, flavour: Flavour, counterKey: PeerName = router.name) {
    this.router = router;
    this.flavour = flavour;
    this.#counterKey = counterKey;
  }

  /** Adds a channel. @throws Error for an unknown kind, and what the router throws. */
  register(name: string, kind: string): void {
    if (kind === "log") {
      this.#logs.set(name, this.router.channel(name, new LogChannel(name, this.received)));
    } else if (kind === "counter") {
      const counter: CounterChannel = new CounterChannel(this.#counterKey, this.flavour);
      const channel: Channel<Counts> = this.router.channel(name, counter);
      counter.channel = channel;
      this.#counters.set(name, counter);
    } else {
      throw new Error(`unknown kind of channel "${kind}"`);
    }
  }

  /** A log channel. @throws Error when it is not registered. */
  log(name: string): Channel<LogData> {
    const channel = this.#logs.get(name);
    if (channel === undefined) throw new Error(`channel "${name}" is not registered`);
    return channel;
  }

  /** A counter channel. @throws Error when it is not registered. */
  counter(name: string): CounterChannel {
    const counter = this.#counters.get(name);
    if (counter === undefined) throw new Error(`counter "${name}" is not registered`);
    return counter;
  }

  /** The name that a request gave. @throws PeerNameError */
  peerName(text: string): PeerName {
    return PeerName.parse(text, this.flavour);
  }
}
