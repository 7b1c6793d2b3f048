//go:build !mesh2017 && !mesh2018

package main

// What differs between the generations of the original, for the one of 2019-11-05 (58dbcc3).

import (
	"time"

	"github.com/weaveworks/mesh"
)

// generation names the pinned commit of the original in the readiness line.
const generation = "58dbcc3"

func newRouter(config mesh.Config, name mesh.PeerName, nickname string, overlay mesh.Overlay, logger mesh.Logger) (*mesh.Router, error) {
	return mesh.NewRouter(config, name, nickname, overlay, logger)
}

func newGossip(router *mesh.Router, channel string, gossiper mesh.Gossiper) (mesh.Gossip, error) {
	return router.NewGossip(channel, gossiper)
}

// gossipNeighbours sends data to random neighbours.
func gossipNeighbours(channel mesh.Gossip, data mesh.GossipData) {
	channel.GossipNeighbourSubset(data)
}

func setGossipInterval(config *mesh.Config, interval time.Duration) error {
	config.GossipInterval = &interval
	return nil
}
