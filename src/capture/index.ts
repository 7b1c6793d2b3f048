/**
 * Sessions on record: the file format, recording (from a router, by a proxy, out of packet captures), reading a recorded
 * session as a conversation, playing it against a live peer, and making it anew byte for byte.
 *
 * @module
 */

export { systemClock, systemRandom, tcpTransport as systemTransport } from "../transport/index.ts";
export { type DecodedSession, type DecodedSide, decodeSession } from "./decoded-session.ts";
export { Dissector, type DissectorOptions } from "./dissector.ts";
export { entryToJson, summaryToJson } from "./entry-json.ts";
export { CaptureError, type CaptureErrorCode } from "./errors.ts";
export { FrameRecorder, type FrameRecorderOptions } from "./frame-recorder.ts";
export type {
  DamageItem,
  EndItem,
  FeaturesItem,
  HeaderItem,
  Item,
  KeyItem,
  MessageItem,
  NoteItem,
  SealedItem,
} from "./item.ts";
export { formatKeyLogEntry, formatSecretKeyEntry, type KeyLogEntry } from "./key-log.ts";
export { KeyLogOverlay } from "./key-log-overlay.ts";
export { KeyLogReader, maxKeyLogLineBytes } from "./key-log-reader.ts";
export { KeyRing, maxKeys } from "./key-ring.ts";
export { MemoryBudget } from "./memory-budget.ts";
export { type MessageKind, type MessageView, viewMessage } from "./message-view.ts";
export { Narrator, type NarratorOptions } from "./narrator.ts";
export { looksLikePackets, type Packet, PacketFileReader } from "./packet-file.ts";
export { PacketSource } from "./packet-source.ts";
export { describePayload, type PayloadText } from "./payload-text.ts";
export {
  defaultConnectionLimit,
  RecordingProxy,
  type RecordingProxyOptions,
  type SessionSink,
} from "./recording-proxy.ts";
export { recordedStreams, recreateSession, type SessionStreams } from "./recreate.ts";
export { type ReplayOptions, replaySession } from "./replay.ts";
export type { Departure, ReplayReport } from "./replay-report.ts";
export { type ReplayScript, readScript, type ScriptMessage, ScriptReader } from "./replay-script.ts";
export { SecretsLog } from "./secrets-log.ts";
export { SessionExport } from "./session-export.ts";
export {
  type BytesRecord,
  type EndRecord,
  formatSession,
  formatSessionHeader,
  formatSessionRecord,
  type MissingRecord,
  makeSessionHeader,
  maxNoteLength,
  type NoteRecord,
  otherSide,
  type RecordedSession,
  type SessionEnd,
  type SessionHeader,
  type SessionHeaderInit,
  type SessionPart,
  type SessionRecord,
  type SessionSide,
  type Side,
  sessionFormat,
  sessionFormatVersion,
} from "./session-file.ts";
export { SessionFolder, sessionFileEnding } from "./session-folder.ts";
export {
  type Entry,
  type InspectionMemory,
  inspectionMemory,
  SessionInspector,
} from "./session-inspector.ts";
export { looksLikeSession, SessionReader } from "./session-reader.ts";
export { SessionSource } from "./session-source.ts";
export type { ChannelTraffic, SessionSummary, SideSummary, TopologyTraffic } from "./session-summary.ts";
export type { CloseEvent, OpenEvent, RecordEvent, Source, SourceEvent } from "./source.ts";
export { type TopologyDifference, TopologyKnowledge } from "./topology-knowledge.ts";
