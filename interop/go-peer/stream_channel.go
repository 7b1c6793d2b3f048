package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"sync"
	"time"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
	"github.com/weaveworks/mesh"
)

// streamChannel is one end of a stream of unicasts: flood sends them as fast as the mesh takes them, drain reads them at
// a given rate and checks that none is lost, repeated or out of order.
type streamChannel struct {
	send mesh.Gossip

	mutex sync.Mutex
	drain *drain
}

// drain is what the receiving end expects, and what it has received.
type drain struct {
	count, size int
	mibPerSec   float64
	stall       time.Duration

	received int
	started  time.Time
	digest   hash.Hash
	done     chan error
}

func newStreamChannel() *streamChannel { return &streamChannel{} }

// streamMessage is message number n of a stream: its number, and bytes that differ from its neighbours' ones.
func streamMessage(n, size int) []byte {
	message := bytes.Repeat([]byte{byte(n * 31)}, size)
	binary.BigEndian.PutUint64(message, uint64(n))
	return message
}

// streamCommands are the commands of streams, on standard input only: each takes as long as the stream.
func streamCommands(p *peer) map[string]control.Command {
	return map[string]control.Command{
		// flood sends count messages of size bytes to a peer, and answers when the mesh has taken all of them.
		"flood": func(r control.Request) (control.Answer, error) {
			stream, err := p.stream(r.Channel)
			if err != nil {
				return nil, err
			}
			destination, err := mesh.PeerNameFromString(r.Peer)
			if err != nil {
				return nil, err
			}
			return stream.flood(destination, r.Count, r.Size)
		},
		// drain reads count messages of size bytes at perSecond MiB a second, but nothing for the given seconds in the
		// middle of the stream, and answers when all of them have come.
		"drain": func(r control.Request) (control.Answer, error) {
			stream, err := p.stream(r.Channel)
			if err != nil {
				return nil, err
			}
			expected := &drain{
				count: r.Count, size: r.Size, mibPerSec: r.PerSecond,
				stall:  time.Duration(r.Seconds * float64(time.Second)),
				digest: sha256.New(), done: make(chan error, 1),
			}
			stream.mutex.Lock()
			stream.drain = expected
			stream.mutex.Unlock()
			err = <-expected.done
			return control.Answer{"sha256": fmt.Sprintf("%x", expected.digest.Sum(nil))}, err
		},
	}
}

func (c *streamChannel) flood(destination mesh.PeerName, count, size int) (control.Answer, error) {
	digest := sha256.New()
	for n := 0; n < count; n++ {
		message := streamMessage(n, size)
		err := c.send.GossipUnicast(destination, message)
		for n == 0 && err != nil { // no route yet
			time.Sleep(20 * time.Millisecond)
			err = c.send.GossipUnicast(destination, message)
		}
		if err != nil {
			return nil, err
		}
		digest.Write(message)
	}
	return control.Answer{"sha256": fmt.Sprintf("%x", digest.Sum(nil))}, nil
}

// OnGossipUnicast takes its time: until it returns, nothing more is read.
func (c *streamChannel) OnGossipUnicast(_ mesh.PeerName, message []byte) error {
	c.mutex.Lock()
	d := c.drain
	c.mutex.Unlock()
	if d == nil {
		return fmt.Errorf("no message of a stream is expected")
	}
	if d.received == 0 {
		d.started = time.Now()
	}
	if len(message) != d.size || binary.BigEndian.Uint64(message) != uint64(d.received) {
		err := fmt.Errorf("message %d expected", d.received)
		d.done <- err
		return err
	}
	d.digest.Write(message)
	d.received++
	if d.received == d.count/2 {
		time.Sleep(d.stall)
		d.started = d.started.Add(d.stall)
	}
	due := time.Duration(float64(d.received*d.size) / (d.mibPerSec * (1 << 20)) * float64(time.Second))
	time.Sleep(time.Until(d.started.Add(due)))
	if d.received == d.count {
		d.done <- nil
	}
	return nil
}

func (c *streamChannel) OnGossipBroadcast(mesh.PeerName, []byte) (mesh.GossipData, error) {
	return nil, nil
}
func (c *streamChannel) Gossip() mesh.GossipData                  { return nil }
func (c *streamChannel) OnGossip([]byte) (mesh.GossipData, error) { return nil, nil }
