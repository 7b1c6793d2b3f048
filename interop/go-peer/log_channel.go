package main

import (
	"sync"

	"github.com/weaveworks/mesh"
)

// logChannel is a gossiper that records what it gets and passes it on: a broadcast always, gossip when it is new.
// Unless it keeps state, it never sends anything unasked.
type logChannel struct {
	name   string
	record *record
	keeps  bool

	mutex sync.Mutex
	seen  map[string]struct{}
	// The payloads that were gossiped on a channel that keeps state, each once: the state that each new neighbour is told.
	state logData
}

var _ mesh.Gossiper = &logChannel{}

func newLogChannel(name string, record *record, keeps bool) *logChannel {
	return &logChannel{name: name, record: record, keeps: keeps, seen: map[string]struct{}{}}
}

// learn reports whether this gossip is new to the channel.
func (c *logChannel) learn(payload []byte) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, known := c.seen[string(payload)]; known {
		return false
	}
	c.seen[string(payload)] = struct{}{}
	if c.keeps {
		c.state = append(c.state, payload)
	}
	return true
}

func (c *logChannel) OnGossipUnicast(source mesh.PeerName, payload []byte) error {
	c.record.add("unicast", c.name, source, payload)
	return nil
}

func (c *logChannel) OnGossipBroadcast(source mesh.PeerName, payload []byte) (mesh.GossipData, error) {
	c.record.add("broadcast", c.name, source, payload)
	return logData{payload}, nil
}

func (c *logChannel) OnGossip(payload []byte) (mesh.GossipData, error) {
	c.record.add("gossip", c.name, mesh.UnknownPeerName, payload)
	if !c.learn(payload) {
		return nil, nil
	}
	return logData{payload}, nil
}

func (c *logChannel) Gossip() mesh.GossipData {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.state) == 0 {
		return nil
	}
	return c.state[:len(c.state):len(c.state)]
}

// logData is a list of messages that wait to be sent, each in a frame of its own. A value is never changed.
type logData [][]byte

func (d logData) Encode() [][]byte { return d }

func (d logData) Merge(other mesh.GossipData) mesh.GossipData {
	return append(append(logData{}, d...), other.(logData)...)
}
