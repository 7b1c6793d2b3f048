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
	received record

	mutex    sync.Mutex
	channels map[string]mesh.Gossip
	counters map[string]*counterChannel
}

func newPeer(key mesh.PeerName, router *mesh.Router) *peer {
	return &peer{
		key:      key,
		router:   router,
		channels: map[string]mesh.Gossip{},
		counters: map[string]*counterChannel{},
	}
}

// register adds a channel of the given kind: log or counter.
func (p *peer) register(name, kind string) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch kind {
	case "log":
		gossip, err := p.router.NewGossip(name, newLogChannel(name, &p.received))
		if err != nil {
			return err
		}
		p.channels[name] = gossip
	case "counter":
		counter := newCounterChannel(p.key)
		gossip, err := p.router.NewGossip(name, counter)
		if err != nil {
			return err
		}
		counter.send = gossip
		p.channels[name] = gossip
		p.counters[name] = counter
	default:
		return fmt.Errorf("unknown kind of channel %q", kind)
	}
	return nil
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
