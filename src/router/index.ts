/** The peer in action. */
export { RouterError, type RouterErrorCode } from "./errors.ts";
export {
  type ConnectionClosedEventDetail,
  type ConnectionEventDetail,
  type PeerEventDetail,
  type RouterEventMap,
  TypedEventTarget,
} from "./events.ts";
export type { FrameEvent, FramePart, FrameTap } from "./frame-tap.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { defaultPort, type RouterOptions } from "./options.ts";
export type { Overlay, OverlayConnection, OverlayConnectionParams } from "./overlay.ts";
export { Router, type StopOptions } from "./router.ts";
export type {
  ConnectionStatus,
  LocalConnectionStatus,
  PeerDescription,
  PeerStatus,
  Status,
} from "./status.ts";
