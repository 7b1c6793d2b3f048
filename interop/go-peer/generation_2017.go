//go:build mesh2017

package main

// What differs between the generations of the original, for the one of 2017-04-19 (1f158d3).

import (
	"errors"
	"time"

	"github.com/weaveworks/mesh"
)

// generation names the pinned commit of the original in the readiness line.
const generation = "1f158d3"

func newRouter(config mesh.Config, name mesh.PeerName, nickname string, overlay mesh.Overlay, logger mesh.Logger) (*mesh.Router, error) {
	return mesh.NewRouter(config, name, nickname, overlay, logger), nil
}

func newGossip(router *mesh.Router, channel string, gossiper mesh.Gossiper) (mesh.Gossip, error) {
	return router.NewGossip(channel, gossiper), nil
}

// gossipNeighbours sends data to random neighbours. The interface does not have it in this generation,
// but what implements it does, for the router's own use.
func gossipNeighbours(channel mesh.Gossip, data mesh.GossipData) {
	channel.(interface{ Send(mesh.GossipData) }).Send(data)
}

func setGossipInterval(*mesh.Config, time.Duration) error {
	return errors.New("this generation of the original has a fixed gossip interval")
}
