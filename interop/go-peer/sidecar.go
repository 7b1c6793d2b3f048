package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/weaveworks/mesh"
)

// sidecar lets a program of another language use the original: the program posts what is to be sent, and what arrives is
// posted to it. Keep-alive, many requests at a time, raw bodies: as good as HTTP gets.
type sidecar struct {
	deliver string
	client  *http.Client
	channel mesh.Gossip
}

// serveSidecar registers the channel "app" and serves it at an address; deliveries are posted to a URL.
func serveSidecar(router *mesh.Router, address, deliver string) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}
	s := &sidecar{deliver: deliver, client: &http.Client{Transport: transport}}
	var err error
	if s.channel, err = newGossip(router, "app", s); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(listener, s) }()
	return nil
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
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
		}
		if err == nil {
			err = answer.Body.Close()
		}
		if err != nil {
			log.Fatalf("delivery to the sidecar's program: %v", err)
		}
	}()
	return nil
}

func (s *sidecar) OnGossipBroadcast(mesh.PeerName, []byte) (mesh.GossipData, error) { return nil, nil }
func (s *sidecar) Gossip() mesh.GossipData                                          { return nil }
func (s *sidecar) OnGossip([]byte) (mesh.GossipData, error)                         { return nil, nil }
