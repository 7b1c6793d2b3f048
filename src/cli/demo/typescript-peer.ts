import { decodeUtf8, encodeUtf8 } from "../../gob/index.ts";
import { PeerName, Router, SurrogateData } from "../../index.ts";
import { formatHostPort } from "../arguments.ts";
import { FollowingGossiper } from "../following-gossiper.ts";
import { parseStatusDocument } from "../status-document.ts";
import { Counter } from "./counter.ts";
import { chatChannel, counterChannel, type DemoPeer, type DemoPeerOptions, type Heard } from "./peer.ts";

/** Starts a peer in this process, on a free port of the loopback interface. */
export async function startTypeScriptPeer(options: DemoPeerOptions): Promise<DemoPeer> {
  const name = PeerName.parse(options.name);
  const router = new Router({
    name,
    nickname: options.nickname,
    host: "127.0.0.1",
    port: 0,
    password: options.password,
    peerDiscovery: false,
  });
  const heard: Heard[] = [];
  const chat = router.channel(
    chatChannel,
    new FollowingGossiper({
      follow: ({ event, source, payload }) => {
        heard.push({ kind: event, source: source ?? "", text: decodeUtf8(payload) });
      },
      now: Date.now,
      gossipIntervalMs: 30_000,
    }),
  );
  const counter = new Counter(name);
  const counting = router.channel(counterChannel, counter);
  await router.start();
  router.connect(options.targets);
  return {
    nickname: options.nickname,
    name,
    language: `TypeScript (this process, Node ${process.version})`,
    address: formatHostPort(router.address),
    status: async () => parseStatusDocument(router.statusJson()),
    unicast: (destination, text) => chat.unicast(PeerName.parse(destination), encodeUtf8(text)),
    broadcast: async (text) => chat.broadcast(SurrogateData.of(encodeUtf8(text))),
    heard: async () => heard,
    increment: async (times) => {
      for (let time = 0; time < times; time++) counter.increment(counting);
    },
    count: async () => counter.total,
    stop: () => router.stop(),
  };
}
