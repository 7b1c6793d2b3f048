package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weaveworks/mesh"
)

type silent struct{}

func (silent) Printf(string, ...any) {}

// An overlay in which a connection is established if its peer's features ask for it.
type chosenOverlay struct{ mesh.NullOverlay }

type chosenConnection struct {
	mesh.NullOverlay
	established chan struct{}
}

func (chosenOverlay) PrepareConnection(params mesh.OverlayConnectionParams) (mesh.OverlayConnection, error) {
	connection := chosenConnection{established: make(chan struct{})}
	if params.Features["Establish"] == "true" {
		close(connection.established)
	}
	return connection, nil
}

func (c chosenConnection) EstablishedChannel() <-chan struct{} { return c.established }

var routersMade atomic.Uint32

// newRouter starts a router of its own loopback address; routers cannot be stopped, so they live as long as the program.
func newRouter(name mesh.PeerName, nickName string) (*mesh.Router, string, error) {
	number := routersMade.Add(1)
	host := fmt.Sprintf("127.83.%d.%d", number>>8, number&255)
	never := time.Duration(1 << 62)
	config := mesh.Config{Host: host, Port: 6783, ProtocolMinVersion: mesh.ProtocolMinVersion, GossipInterval: &never}
	router, err := mesh.NewRouter(config, name, nickName, chosenOverlay{}, silent{})
	if err != nil {
		return nil, "", err
	}
	router.Start()
	return router, host + ":6783", nil
}

func await(what string, condition func() bool) error {
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("waited in vain for %s", what)
		}
	}
	return nil
}

// attach connects a neighbour and waits until the router has counted it.
func attach(router *mesh.Router, address string, name mesh.PeerName, features map[string]string, established bool) (*neighbour, error) {
	steps := uint64(1)
	all := map[string]string{}
	for key, value := range features {
		all[key] = value
	}
	if established {
		all["Establish"] = "true"
		steps = 2
	}
	// The short ID of ours may change on adding the peer, too, which is a version more.
	before := ownStatus(router)
	far, err := connect(address, name, all)
	if err != nil {
		return nil, err
	}
	return far, await("a connection", func() bool {
		now := ownStatus(router)
		if now.ShortID != before.ShortID {
			return now.Version >= before.Version+steps+1
		}
		return now.Version >= before.Version+steps
	})
}

func ownStatus(router *mesh.Router) mesh.PeerStatus {
	for _, peer := range mesh.NewStatus(router).Peers {
		if peer.Name == router.Ourself.Name.String() {
			return peer
		}
	}
	panic("no status of our own")
}

// recalculate returns when the routes have been calculated from what the router knows now.
func recalculate(gossip mesh.Gossip) { gossip.GossipBroadcast(nothing{}) }

type nothing struct{}

func (nothing) Encode() [][]byte                      { return nil }
func (nothing) Merge(mesh.GossipData) mesh.GossipData { return nothing{} }

type deaf struct{}

func (deaf) OnGossipUnicast(mesh.PeerName, []byte) error                      { return nil }
func (deaf) OnGossipBroadcast(mesh.PeerName, []byte) (mesh.GossipData, error) { return nil, nil }
func (deaf) Gossip() mesh.GossipData                                          { return nil }
func (deaf) OnGossip([]byte) (mesh.GossipData, error)                         { return nil, nil }
