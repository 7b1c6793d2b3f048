package main

import (
	"sync"

	"github.com/weaveworks/mesh"
)

// message is one delivery to a channel of this peer, as GET /received reports it.
type message struct {
	Kind    string `json:"kind"` // unicast, broadcast or gossip
	Channel string `json:"channel"`
	Source  string `json:"source"` // empty for gossip: the library does not say
	Base64  []byte `json:"base64"`
}

// record keeps every delivery in the order in which it came.
type record struct {
	mutex    sync.Mutex
	messages []message
}

func (r *record) add(kind, channel string, source mesh.PeerName, payload []byte) {
	m := message{Kind: kind, Channel: channel, Base64: append([]byte{}, payload...)}
	if source != mesh.UnknownPeerName {
		m.Source = source.String()
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.messages = append(r.messages, m)
}

// from returns what came since the caller had seen n messages. Nothing is ever removed or changed,
// so the slice may be read without the lock.
func (r *record) from(n int) []message {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if n < 0 || n > len(r.messages) {
		n = len(r.messages)
	}
	return r.messages[n:len(r.messages):len(r.messages)]
}
