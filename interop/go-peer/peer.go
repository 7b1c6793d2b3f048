package main

import (
	"fmt"
	"sync"

	"github.com/weaveworks/mesh"
)

// peer is a router with the channels that were registered on it.
type peer struct {
	key      mesh.PeerName // to count under
	router   *mesh.Router
	logger   mesh.Logger
	received record

	mutex    sync.Mutex
	channels map[string]mesh.Gossip
	logs     map[string]*logChannel
	counters map[string]*counterChannel
	streams  map[string]*streamChannel
	// The channel that measurements use, if there is one.
	bench *benchChannel
}

func newPeer(key mesh.PeerName, router *mesh.Router) *peer {
	return &peer{
		key:      key,
		router:   router,
		channels: map[string]mesh.Gossip{},
		logs:     map[string]*logChannel{},
		streams:  map[string]*streamChannel{},
		counters: map[string]*counterChannel{},
	}
}

// register adds a channel of the given kind: log, state, counter, stream or bench.
func (p *peer) register(name, kind string) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	add := func(gossiper mesh.Gossiper) (mesh.Gossip, error) {
		gossip, err := newGossip(p.router, name, gossiper)
		if err == nil {
			p.channels[name] = gossip
		}
		return gossip, err
	}
	var err error
	switch kind {
	case "log", "state":
		channel := newLogChannel(name, &p.received, kind == "state")
		if _, err = add(channel); err == nil {
			p.logs[name] = channel
		}
	case "counter":
		counter := newCounterChannel(p.key)
		if counter.send, err = add(counter); err == nil {
			p.counters[name] = counter
		}
	case "stream":
		stream := newStreamChannel()
		if stream.send, err = add(stream); err == nil {
			p.streams[name] = stream
		}
	case "bench":
		bench := newBenchChannel()
		if bench.channel, err = add(bench); err == nil {
			p.bench = bench
		}
	default:
		err = fmt.Errorf("unknown kind of channel %q", kind)
	}
	return err
}

// keep adds a gossip of our own to the state of a channel that keeps one.
func (p *peer) keep(name string, payload []byte) {
	p.mutex.Lock()
	channel := p.logs[name]
	p.mutex.Unlock()
	if channel != nil && channel.keeps {
		channel.learn(payload)
	}
}

func (p *peer) channel(name string) (mesh.Gossip, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	gossip, found := p.channels[name]
	if !found {
		return nil, fmt.Errorf("channel %q is not registered", name)
	}
	return gossip, nil
}

func (p *peer) counter(name string) (*counterChannel, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	counter, found := p.counters[name]
	if !found {
		return nil, fmt.Errorf("counter %q is not registered", name)
	}
	return counter, nil
}

func (p *peer) stream(name string) (*streamChannel, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	stream, found := p.streams[name]
	if !found {
		return nil, fmt.Errorf("stream %q is not registered", name)
	}
	return stream, nil
}
