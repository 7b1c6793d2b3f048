import { escapeText, quoteAsGo } from "../go-text/index.ts";
import { type LocalPeer, Peer, type Peers, peerLabel } from "../topology/index.ts";
import type { RemoteIdentity } from "../wire/index.ts";
import { RouterError } from "./errors.ts";

/**
 * The peer that has introduced itself, with a reference added. What its features say of a peer that is known already
 * does not count, be it a placeholder (connection.go, registerRemote).
 *
 * @throws RouterError `unknown-peer` for a name that nobody has told us of, unless such are accepted.
 */
export function registerRemote(
  peers: Peers,
  identity: RemoteIdentity,
  acceptNewPeer: boolean,
  address: string,
): Peer {
  const { name, nickName, uid, shortId } = identity;
  if (acceptNewPeer) {
    // A version 1 peer without a short ID gets 0 in the original, but is marked as having none.
    return peers.fetchWithDefault(new Peer({ name, nickName, uid, shortId }));
  }
  const known = peers.fetchAndAddRef(name);
  if (known !== undefined) return known;
  const context = { address, peer: peerLabel(name, nickName) };
  throw new RouterError(
    "unknown-peer",
    `Found unknown remote name: ${escapeText(name)} at ${address}`,
    context,
  );
}

/**
 * Refuses ourselves (connection.go, registerRemote).
 *
 * @throws RouterError `name-collision` if it is another peer with our name, `connect-to-self` if it is us.
 */
export function checkRemote(ourself: LocalPeer, remote: Peer, identity: RemoteIdentity): void {
  if (identity.name === ourself.name && identity.uid !== ourself.uid) {
    const theirs = peerLabel(identity.name, identity.nickName);
    throw new RouterError(
      "name-collision",
      `local ${quoted(ourself)} and remote ${quoted(identity)} peer names collision`,
      { peer: theirs },
    );
  }
  if (remote === ourself)
    throw new RouterError("connect-to-self", "cannot connect to ourself", { peer: `${remote}` });
}

/** A peer's name and nickname in double quotes, as Go's %q prints them. */
function quoted({ name, nickName }: Pick<RemoteIdentity, "name" | "nickName">): string {
  return quoteAsGo(`${name}(${nickName})`);
}
