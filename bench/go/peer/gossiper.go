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

// gossiper is the receiving end of the benchmarks' channel.
type gossiper struct {
	channel mesh.Gossip
	acks    payloads

	mutex    sync.Mutex
	receiver *receiver
	pong     func(payload []byte)
	ack      func(from mesh.PeerName, number uint32, intact bool)
}

func newGossiper() *gossiper {
	return &gossiper{acks: newPayloads(smallestPayload), receiver: newReceiver(smallestPayload)}
}

func (g *gossiper) current() *receiver {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.receiver
}

func (g *gossiper) expect(size int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.receiver = newReceiver(size)
}

func (g *gossiper) OnGossipUnicast(source mesh.PeerName, payload []byte) error {
	switch payload[0] {
	case kindPing:
		payload[0] = kindPong // ours to change: the library has decoded it for us
		return g.channel.GossipUnicast(source, payload)
	case kindPong:
		g.mutex.Lock()
		pong := g.pong
		g.mutex.Unlock()
		pong(payload)
	case kindAck, kindBroken:
		g.mutex.Lock()
		ack := g.ack
		g.mutex.Unlock()
		ack(source, numberOf(payload), payload[0] == kindAck)
	default:
		g.current().message(payload)
	}
	return nil
}

func (g *gossiper) OnGossipBroadcast(source mesh.PeerName, payload []byte) (mesh.GossipData, error) {
	count, broken := g.current().message(payload)
	if end := payload[0] == kindEnd; end || count%broadcastsPerAck == 0 {
		kind := byte(kindAck)
		if broken > 0 || end && int(numberOf(payload)) != count {
			kind = kindBroken
		}
		if err := g.channel.GossipUnicast(source, g.acks.make(kind, uint32(count))); err != nil {
			return nil, err
		}
	}
	return messages{payload}, nil
}

func (g *gossiper) Gossip() mesh.GossipData { return nil }

func (g *gossiper) OnGossip([]byte) (mesh.GossipData, error) { return nil, nil }
