package main

import (
	"bytes"
	"io"
	"net/http"

	"github.com/weaveworks/mesh"
)

// sidecar is how a Node program uses the original today: it posts what is to be sent, and what arrives is posted to
// it. Keep-alive, many requests at a time, raw bodies: as good as HTTP gets.
type sidecar struct {
	deliver string
	client  *http.Client
	channel mesh.Gossip
}

func newSidecar(deliver string) *sidecar {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}
	return &sidecar{deliver: deliver, client: &http.Client{Transport: transport}}
}

func (s *sidecar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(r.Body)
	if err == nil {
		var to mesh.PeerName
		if to, err = mesh.PeerNameFromString(r.URL.Query().Get("to")); err == nil {
			err = s.channel.GossipUnicast(to, payload)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func (s *sidecar) OnGossipUnicast(source mesh.PeerName, payload []byte) error {
	// Not in the connection's own goroutine: else one delivery would wait for the other.
	go func() {
		url := s.deliver + "?from=" + source.String()
		answer, err := s.client.Post(url, "application/octet-stream", bytes.NewReader(payload))
		must(err)
		_, err = io.Copy(io.Discard, answer.Body)
		must(err)
		must(answer.Body.Close())
	}()
	return nil
}

func (s *sidecar) OnGossipBroadcast(mesh.PeerName, []byte) (mesh.GossipData, error) { return nil, nil }
func (s *sidecar) Gossip() mesh.GossipData                                          { return nil }
func (s *sidecar) OnGossip([]byte) (mesh.GossipData, error)                         { return nil, nil }
