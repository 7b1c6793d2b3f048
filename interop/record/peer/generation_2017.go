//go:build mesh2017

package main

// The generation of 2017-04-19, whose functions have fewer results.

import "github.com/weaveworks/mesh"

const generation = "1f158d3"

func newRouter(config mesh.Config, name mesh.PeerName, nickname string, overlay mesh.Overlay, logger mesh.Logger) (*mesh.Router, error) {
	return mesh.NewRouter(config, name, nickname, overlay, logger), nil
}

func newGossip(router *mesh.Router, channel string, gossiper mesh.Gossiper) (mesh.Gossip, error) {
	return router.NewGossip(channel, gossiper), nil
}
