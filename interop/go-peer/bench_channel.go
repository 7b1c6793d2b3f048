package main

import (
	"sync"

	"github.com/weaveworks/mesh"
)

// messages wait to be broadcast, each in a frame of its own.
type messages [][]byte

func (m messages) Encode() [][]byte { return m }

func (m messages) Merge(other mesh.GossipData) mesh.GossipData {
	return append(m[:len(m):len(m)], other.(messages)...)
}

const broadcastsPerAck = 32

// benchChannel is the receiving end of a channel that is measured. It does as little as possible beside the library.
type benchChannel struct {
	channel mesh.Gossip
	acks    payloads

	mutex    sync.Mutex
	receiver *receiver
	pong     func(payload []byte)
	ack      func(from mesh.PeerName, number uint32, intact bool)
}

func newBenchChannel() *benchChannel {
	return &benchChannel{acks: newPayloads(smallestPayload), receiver: newReceiver(smallestPayload)}
}

func (c *benchChannel) current() *receiver {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.receiver
}

func (c *benchChannel) expect(size int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.receiver = newReceiver(size)
}

func (c *benchChannel) OnGossipUnicast(source mesh.PeerName, payload []byte) error {
	switch payload[0] {
	case kindPing:
		payload[0] = kindPong // ours to change: the library has decoded it for us
		return c.channel.GossipUnicast(source, payload)
	case kindPong:
		c.mutex.Lock()
		pong := c.pong
		c.mutex.Unlock()
		pong(payload)
	case kindAck, kindBroken:
		c.mutex.Lock()
		ack := c.ack
		c.mutex.Unlock()
		ack(source, numberOf(payload), payload[0] == kindAck)
	default:
		c.current().message(payload)
	}
	return nil
}

func (c *benchChannel) OnGossipBroadcast(source mesh.PeerName, payload []byte) (mesh.GossipData, error) {
	count, broken := c.current().message(payload)
	if end := payload[0] == kindEnd; end || count%broadcastsPerAck == 0 {
		kind := byte(kindAck)
		if broken > 0 || end && int(numberOf(payload)) != count {
			kind = kindBroken
		}
		if err := c.channel.GossipUnicast(source, c.acks.make(kind, uint32(count))); err != nil {
			return nil, err
		}
	}
	return messages{payload}, nil
}

func (c *benchChannel) Gossip() mesh.GossipData { return nil }

func (c *benchChannel) OnGossip([]byte) (mesh.GossipData, error) { return nil, nil }
