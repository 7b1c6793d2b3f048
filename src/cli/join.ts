import { type Channel, type Logger, PeerName, Router, SurrogateData } from "../index.ts";
import { formatHostPort } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";
import { EventLines, printedPayload } from "./event-lines.ts";
import { FollowingGossiper } from "./following-gossiper.ts";
import { type JoinOptions, joinHelp, parseJoinOptions } from "./join-options.ts";
import { LineLogger } from "./log.ts";
import { type RecordingOutput, startRecording } from "./recording-output.ts";
import type { StatusServer } from "./status-server.ts";
import { parseLineCommand, readLines } from "./stdin-commands.ts";
import { StopRequest } from "./stop-request.ts";

/** The longest line taken from standard input, in bytes: what a frame could carry. */
const maxLineBytes = 10 * 1024 * 1024;

/** How long leaving the mesh may take, in milliseconds. */
const leaveTimeoutMs = 5_000;

/** `weave-mesh join`: a peer as a process. Runs until a signal asks it to end. */
export const join: Command = {
  help: joinHelp,
  run: (args, context) => runJoin(parseJoinOptions(args), context),
};

async function runJoin(options: JoinOptions, context: CommandContext): Promise<void> {
  const logger = new LineLogger(context.stderr, `${options.nickname}> `, options.logLevel);
  const output = new EventLines(context.stdout);
  const stop = new StopRequest(context, context.stdout);
  const recording = await startRecording({
    record: options.record,
    keylog: options.keylog,
    localAddress: formatHostPort(options.mesh),
    failed: (error) => logger.error(oneLine(error)),
  });
  const router = createRouter(options, context, logger, recording);
  recording.watch(router);
  const channel = followChannel(router, options, context, output);
  let http: StatusServer | undefined;
  let started = false;
  try {
    if (options.http !== undefined) {
      logger.info(`HTTP server starting (${formatHostPort(options.http)})`);
      const { StatusServer } = await import("./status-server.ts");
      http = await StatusServer.listen(options.http, {
        statusJson: () => router.statusJsonPieces(),
        hostNames: options.httpHosts,
      });
    }
    logger.info(`mesh router starting (${formatHostPort(options.mesh)})`);
    await router.start();
    started = true;
    for (const error of router.connect(options.peers)) {
      throw new CliError("usage", `--peer: ${oneLine(error)}`, { cause: error });
    }
    await output.print({
      event: "ready",
      name: router.name,
      nickname: options.nickname,
      channel: options.channel,
      mesh: formatHostPort(router.address),
      ...(http && { http: formatHostPort(http.address) }),
    });
    obeyStandardInput(options, context, channel, logger).catch((error: unknown) => {
      logger.error(`standard input: ${oneLine(error)}`);
    });
    logger.info(await stop.requested);
  } finally {
    if (started) logger.info("mesh router stopping");
    const left = router.stop({ timeoutMs: leaveTimeoutMs });
    await Promise.race([left, stop.insisted]);
    await recording.stop();
    await http?.close();
    stop.dispose();
  }
}

function createRouter(
  options: JoinOptions,
  context: CommandContext,
  logger: Logger,
  recording: RecordingOutput,
): Router {
  try {
    return new Router({
      name: PeerName.fromUserInput(options.hwaddr, options.flavour),
      nickname: options.nickname,
      flavour: options.flavour,
      host: options.mesh.host,
      port: options.mesh.port,
      ...(options.password && { password: options.password }),
      connectionLimit: options.connectionLimit,
      peerDiscovery: options.peerDiscovery,
      trustedSubnets: options.trustedSubnets,
      protocolMinVersion: options.protocolMinVersion,
      protocolMaxVersion: options.protocolMaxVersion,
      gossipIntervalMs: options.gossipIntervalMs,
      logger,
      ...recording.routerOptions,
      ...context.surroundings,
    });
  } catch (error) {
    throw new CliError("usage", oneLine(error), { cause: error });
  }
}

function followChannel(
  router: Router,
  options: JoinOptions,
  context: CommandContext,
  output: EventLines,
): Channel<SurrogateData> {
  const gossiper = new FollowingGossiper({
    follow: ({ event, source, payload }) =>
      output.print({
        event,
        channel: options.channel,
        ...(source !== undefined && { source }),
        ...printedPayload(payload),
      }),
    now: () => (context.surroundings?.clock ?? Date).now(),
    gossipIntervalMs: options.gossipIntervalMs,
  });
  return router.channel(options.channel, gossiper);
}

/** Carries out what standard input says, line by line, until it ends. What is wrong with a line is logged. */
async function obeyStandardInput(
  options: JoinOptions,
  context: CommandContext,
  channel: Channel<SurrogateData>,
  logger: Logger,
): Promise<void> {
  for await (const line of readLines(context.stdin, maxLineBytes)) {
    if (line === undefined) {
      logger.error(`ignoring a line of standard input: longer than ${maxLineBytes} bytes`);
      continue;
    }
    const command = parseLineCommand(line, options.flavour);
    try {
      if (command.kind === "malformed") logger.error(`ignoring a line of standard input: ${command.reason}`);
      if (command.kind === "broadcast") channel.broadcast(SurrogateData.of(command.payload));
      // Waiting keeps the order, and lets a peer that does not read slow down who writes to us.
      if (command.kind === "unicast") await channel.unicast(command.peer, command.payload);
    } catch (error) {
      logger.error(oneLine(error));
    }
  }
}
