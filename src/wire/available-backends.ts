import { fastestBackend, type SealingBackend, sodiumSealingBackend } from "./sealing.ts";

/** The faster back end over libsodium; `undefined` where the optional dependency sodium-native does not load. */
export const sodiumBackend: SealingBackend | undefined = sodiumSealingBackend();

/** The faster one of those that are there. */
export const defaultBackend: SealingBackend = fastestBackend();
