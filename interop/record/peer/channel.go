package main

import (
	"sync"

	"github.com/weaveworks/mesh"
)

// channel is a gossiper that tells what it gets. Its state is every text that was gossiped on it, which it tells to each
// new neighbour and, as far as it was new, passes on.
type channel struct {
	name string
	tell func(event map[string]interface{})
	send mesh.Gossip

	mutex sync.Mutex
	state texts
}

var _ mesh.Gossiper = &channel{}

func (c *channel) learn(payload []byte) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, known := range c.state {
		if string(known) == string(payload) {
			return false
		}
	}
	c.state = append(append(texts{}, c.state...), payload)
	return true
}

func (c *channel) received(kind string, source mesh.PeerName, payload []byte) {
	event := map[string]interface{}{"event": kind, "channel": c.name, "bytes": len(payload)}
	if kind != "gossip" {
		event["source"] = source.String()
	}
	if len(payload) < 200 {
		event["text"] = string(payload)
	}
	c.tell(event)
}

func (c *channel) OnGossipUnicast(source mesh.PeerName, payload []byte) error {
	c.received("unicast", source, payload)
	return nil
}

func (c *channel) OnGossipBroadcast(source mesh.PeerName, payload []byte) (mesh.GossipData, error) {
	c.received("broadcast", source, payload)
	return texts{payload}, nil
}

func (c *channel) OnGossip(payload []byte) (mesh.GossipData, error) {
	c.received("gossip", mesh.UnknownPeerName, payload)
	if !c.learn(payload) {
		return nil, nil
	}
	return texts{payload}, nil
}

func (c *channel) Gossip() mesh.GossipData {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.state) == 0 {
		return nil
	}
	return c.state
}

// texts are messages, each sent in a frame of its own. A value is never changed.
type texts [][]byte

func (t texts) Encode() [][]byte { return t }

func (t texts) Merge(other mesh.GossipData) mesh.GossipData {
	return append(append(texts{}, t...), other.(texts)...)
}
