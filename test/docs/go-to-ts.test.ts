import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "docs", "go-to-ts.md"), "utf8");

/** The exported names of the original and of meshconn, as `go doc -all` lists them. */
const exported = {
  mesh: `ChannelSize Config Config.ConnLimit Config.GossipInterval Config.Host Config.Password Config.PeerDiscovery
    Config.Port Config.ProtocolMinVersion Config.TrustedSubnets Connection Connection.Remote Gossip
    Gossip.GossipBroadcast Gossip.GossipNeighbourSubset Gossip.GossipUnicast GossipData GossipData.Encode
    GossipData.Merge Gossiper Gossiper.Gossip Gossiper.OnGossip Gossiper.OnGossipBroadcast Gossiper.OnGossipUnicast
    LocalConnection LocalConnection.OverlayConn LocalConnection.Remote LocalConnection.SendProtocolMsg
    LocalConnectionStatus Logger Logger.Printf NameSize NewRouter NewStatus NullOverlay Overlay Overlay.AddFeaturesTo
    Overlay.Diagnostics Overlay.PrepareConnection Overlay.Stop OverlayConnection OverlayConnection.Attrs
    OverlayConnection.Confirm OverlayConnection.ControlMessage OverlayConnection.ErrorChannel
    OverlayConnection.EstablishedChannel OverlayConnection.Stop OverlayConnectionParams Peer Peer.Name Peer.String
    PeerDescription PeerName PeerName.String PeerNameFlavour PeerNameFromBin PeerNameFromString PeerNameFromUserInput
    PeerShortID PeerStatus PeerUID Peers Peers.Descriptions Peers.Fetch Peers.FetchByShortID Peers.GarbageCollect
    Peers.OnGC Peers.OnInvalidateShortIDs Port Protocol ProtocolGossip ProtocolGossipBroadcast ProtocolGossipUnicast
    ProtocolHeartbeat ProtocolMaxVersion ProtocolMinVersion ProtocolOverlayControlMsg ProtocolReserved1
    ProtocolReserved2 ProtocolReserved3 Router Router.ConnectionMaker.ForgetConnections
    Router.ConnectionMaker.InitiateConnections Router.ConnectionMaker.Targets Router.Gossip Router.NewGossip
    Router.OnGossip Router.OnGossipBroadcast Router.OnGossipUnicast Router.Ourself Router.Overlay Router.Peers
    Router.Routes.OnChange Router.Start Router.Stop Status UnknownPeerName`,
  meshconn: `ErrGossipNotRegistered ErrNotMeshAddr ErrNotSupported ErrPeerClosed ErrShortRead MeshAddr MeshAddr.Network
    MeshAddr.String NewPeer Peer Peer.Close Peer.Gossip Peer.LocalAddr Peer.OnGossip Peer.OnGossipBroadcast
    Peer.OnGossipUnicast Peer.ReadFrom Peer.Register Peer.SetDeadline Peer.SetReadDeadline Peer.SetWriteDeadline
    Peer.WriteTo`,
};

const rows = [...page.matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)].filter(([, go]) => !/^(Go|---)$/.test(go!));
const goNames = new Set(rows.flatMap(([, go]) => codeSpans(go!)));

function codeSpans(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

test("go-to-ts.md: every exported Go name has a row", (t) => {
  const names = [
    ...exported.mesh.split(/\s+/),
    ...exported.meshconn.split(/\s+/).map((name) => `meshconn.${name}`),
  ];
  t.deepEqual(
    names.filter((name) => !goNames.has(name)),
    [],
  );
});

test("go-to-ts.md: every row has something to say", (t) => {
  t.true(rows.length > 80);
  t.deepEqual(
    rows.filter(([, , here]) => here!.trim() === ""),
    [],
  );
});

test("go-to-ts.md: the names on our side exist", (t) => {
  const source = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "src", file), "utf8"))
    .join("\n");
  const missing = rows
    .flatMap(([, , here]) => codeSpans(here!))
    .filter((name) => !name.startsWith("weave-mesh") && !/^for await$/.test(name))
    .flatMap((name) => name.replace(/^new /, "").split("."))
    .filter((word) => !new RegExp(`\\b${word}\\b`).test(source));
  t.deepEqual(missing, []);
});
