/**
 * The limit of one handshake, from the header to the end of the features, in bytes. Honest ones take less than 1 KiB.
 * Anybody can send this much before a password is checked, so the limit is far below the limit of a frame, which the
 * original applies (10 MiB in version 2, gob's 8 GiB in version 1).
 */
export const maxHandshakeBytes = 256 * 1024;
