/** A use of a method that passes over a whole list, and why that is cheap. */
export type BoundedList = readonly [file: string, expression: string, reason: string];

/**
 * The permitted uses of `indexOf`, `includes`, `splice`, `shift`, `find` and their like in src/. One line each:
 * the file below src/, the receiver and method as the failing test prints them, and why the list is bounded or
 * the method is called once per list. `splice(0)` is always permitted.
 */
export const boundedLists: readonly BoundedList[] = [
  ["capture/decoded-session.ts", "items.find", "once per session"],
  ["capture/end-reason.ts", "ended.find", "two sides"],
  ["capture/key-log-reader.ts", "chunk.indexOf", "goes on after the last hit, so each byte is read once"],
  ["capture/line-pieces.ts", "chunk.indexOf", "goes on after the last hit, so each byte is read once"],
  ["capture/recreate.ts", "moved.includes", "two sides"],
  ["capture/recreate.ts", "parts.find", "once per side"],
  ["cli/arguments.ts", "choices.includes", "the choices of one flag"],
  ["cli/arguments.ts", "host.includes", "once per argument"],
  ["cli/demo.ts", "messages.find", "the demo's own messages"],
  ["cli/demo.ts", "statuses[index].Peers.find", "the demo's own peers"],
  ["cli/dispatch.ts", "commands.find", "the commands"],
  ["cli/join-options.ts", "addresses.find", "the machine's own addresses"],
  ["cli/log.ts", "logLevels.indexOf", "the log levels"],
  ["cli/status-document.ts", "json.indexOf", "goes on after the last hit, so each byte is read once"],
  ["cli/stdin-commands.ts", "bytes.indexOf", "once per line"],
  ["cli/stdin-commands.ts", "chunk.indexOf", "goes on after the last hit, so each byte is read once"],
  ["go-text/time.ts", "parts.find", "the parts of one date"],
  ["gob/codecs/big.ts", "forms.indexOf", "three forms"],
  ["gob/codecs/net.ts", "group.includes", "once per group of an address"],
  ["gob/codecs/net.ts", "host.includes", "once per address"],
  ["gob/codecs/net.ts", "text.indexOf", "once per address"],
  ["gob/definition.ts", "variants.indexOf", "seven variants"],
  ["gob/encoder.ts", "this.#log.splice", "removes the end of the list only"],
  ["gob/generate.ts", "names.includes", "at most 64 names"],
  ["gob/go-type.ts", "head.lastIndexOf", "once per type name of our own schemas"],
  ["gob/go-type.ts", "path.lastIndexOf", "once per type name of our own schemas"],
  ["gob/go-type.ts", "qualifiedName.indexOf", "once per type name of our own schemas"],
  ["gob/interface.ts", "this.registry.find", "the registry's own method, a Map lookup"],
  ["gob/text.ts", "text.includes", "once per string that was just decoded"],
  ["peer-name.ts", "text.indexOf", "once per name"],
  ["router/local-connection.ts", "host.trustedSubnets.includes", "the operator's own subnets"],
  ["router/source-address.ts", "host.includes", "once per connection, over an IP address"],
  ["router/source-address.ts", "host.indexOf", "once per connection, over an IP address"],
  ["router/target-address.ts", "host.includes", "once per target"],
  ["topology/update-scan.ts", "this.#framings.unshift", "at most maxFramings"],
  ["transport/address.ts", "host.includes", "once per address"],
  ["transport/address.ts", "text.indexOf", "once per address"],
  ["transport/host-port.ts", "host.includes", "once per address"],
  ["transport/host-port.ts", "text.includes", "once per address"],
  ["transport/host-port.ts", "text.indexOf", "once per address"],
  ["transport/host-port.ts", "text.lastIndexOf", "once per address"],
  ["transport/memory-host.ts", "[...this.addresses].find", "the addresses of one host of the test network"],
  [
    "transport/memory-pipe.ts",
    "this.segments.findIndex",
    "passes over the segments that it removes, and one more",
  ],
  ["transport/memory-pipe.ts", "this.segments.splice", "once per arrival, for all segments that are due"],
  ["transport/names/small-file.ts", "text.lastIndexOf", "once per read of a file, at most its limit"],
  ["wire/features.ts", '["0", "f", "F", "false", "FALSE", "False"].includes', "six texts"],
  ["wire/features.ts", '["1", "t", "T", "true", "TRUE", "True"].includes', "six texts"],
];

/** Known faults: lists without a bound. Each line goes when its list is replaced; none may be added. */
export const unboundedLists: readonly BoundedList[] = [
  ["topology/gossiped-connections.ts", "this.remotes.findIndex", "the connections of one peer"],
  ["topology/gossiped-connections.ts", "this.remotes.indexOf", "the connections of one peer"],
  ["topology/random-neighbours.ts", "candidates.findIndex", "2 log2(n) searches in n candidates"],
];
