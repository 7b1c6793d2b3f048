//go:build !mesh2017

package main

import "github.com/weaveworks/mesh"

func newRouter(config mesh.Config, name mesh.PeerName, nickname string, overlay mesh.Overlay, logger mesh.Logger) (*mesh.Router, error) {
	return mesh.NewRouter(config, name, nickname, overlay, logger)
}

func newGossip(router *mesh.Router, channel string, gossiper mesh.Gossiper) (mesh.Gossip, error) {
	return router.NewGossip(channel, gossiper)
}
