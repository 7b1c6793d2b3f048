package main

import (
	"bytes"
	"encoding/gob"
	"sync"

	"github.com/weaveworks/mesh"
)

// counts is how often each peer has incremented. A value of this type is never changed once it has
// been handed out: it may wait in several senders while the counter goes on.
type counts map[mesh.PeerName]int

func (c counts) total() (sum int) {
	for _, n := range c {
		sum += n
	}
	return sum
}

func (c counts) Encode() [][]byte {
	var buffer bytes.Buffer
	if err := gob.NewEncoder(&buffer).Encode(map[mesh.PeerName]int(c)); err != nil {
		panic(err)
	}
	return [][]byte{buffer.Bytes()}
}

func (c counts) Merge(other mesh.GossipData) mesh.GossipData {
	merged, _ := c.with(other.(counts))
	return merged
}

// with returns a copy of c that has also seen other, and the part of other that was new to c.
func (c counts) with(other counts) (merged, delta counts) {
	merged, delta = make(counts, len(c)+len(other)), counts{}
	for name, n := range c {
		merged[name] = n
	}
	for name, n := range other {
		if n > merged[name] {
			merged[name] = n
			delta[name] = n
		}
	}
	return merged, delta
}

// counterChannel is an increment-only counter with the wire format of the original's example. Unlike
// the example it copies its map, so it may be incremented at any speed.
type counterChannel struct {
	self mesh.PeerName
	send mesh.Gossip

	mutex sync.Mutex
	state counts
}

var _ mesh.Gossiper = &counterChannel{}

func newCounterChannel(self mesh.PeerName) *counterChannel {
	return &counterChannel{self: self, state: counts{}}
}

func (c *counterChannel) get() counts {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.state
}

// increment counts one more under our own name and broadcasts the whole state, as the example does.
func (c *counterChannel) increment() counts {
	c.mutex.Lock()
	c.state, _ = c.state.with(counts{c.self: c.state[c.self] + 1})
	state := c.state
	c.mutex.Unlock()
	c.send.GossipBroadcast(state)
	return state
}

// learn takes in what another peer sent and returns what of it was new.
func (c *counterChannel) learn(payload []byte) (counts, error) {
	var update map[mesh.PeerName]int
	if err := gob.NewDecoder(bytes.NewReader(payload)).Decode(&update); err != nil {
		return nil, err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	merged, delta := c.state.with(update)
	c.state = merged
	return delta, nil
}

func (c *counterChannel) OnGossipUnicast(_ mesh.PeerName, payload []byte) error {
	_, err := c.learn(payload)
	return err
}

func (c *counterChannel) OnGossipBroadcast(_ mesh.PeerName, payload []byte) (mesh.GossipData, error) {
	delta, err := c.learn(payload)
	if err != nil {
		return nil, err
	}
	return delta, nil
}

func (c *counterChannel) OnGossip(payload []byte) (mesh.GossipData, error) {
	delta, err := c.learn(payload)
	if err != nil || len(delta) == 0 {
		return nil, err
	}
	return delta, nil
}

func (c *counterChannel) Gossip() mesh.GossipData { return c.get() }
