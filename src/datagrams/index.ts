/** Datagrams over the mesh. */
export {
  type Datagram,
  type DatagramEventMap,
  DatagramSocket,
  MeshAddress,
  maxReceiveQueueBytes,
  receiveQueueBytes,
  receiveQueueLength,
} from "./datagram-socket.ts";
export { DatagramError, type DatagramErrorCode } from "./errors.ts";
