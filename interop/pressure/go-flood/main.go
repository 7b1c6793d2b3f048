// Command go-flood is a Go peer at one end of a stream of unicasts: the source sends as fast as the mesh takes
// them, the sink reads them at its leisure and checks that none is lost, repeated or out of order.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"hash"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/weaveworks/mesh"
)

func main() {
	var (
		listen   = flag.String("mesh", "", "mesh listen address")
		name     = flag.String("hwaddr", "", "peer name")
		target   = flag.String("peer", "", "peer to connect to")
		to       = flag.String("to", "", "the sink's name; who has none is the sink")
		messages = flag.Int("messages", 0, "how many messages")
		size     = flag.Int("size", 0, "bytes of each")
		rate     = flag.Float64("rate", 0, "MiB that the sink reads in a second")
		stall    = flag.Duration("stall", 0, "how long the sink reads nothing, in the middle of the stream")
		password = flag.String("password", "", "none if empty")
	)
	flag.Parse()
	host, portText, err := net.SplitHostPort(*listen)
	check(err)
	port, err := strconv.Atoi(portText)
	check(err)
	self, err := mesh.PeerNameFromString(*name)
	check(err)
	config := mesh.Config{Host: host, Port: port, ProtocolMinVersion: mesh.ProtocolMinVersion, ConnLimit: 64}
	if *password != "" {
		config.Password = []byte(*password)
	}
	logger := log.New(os.Stderr, "", log.LstdFlags|log.Lmicroseconds)
	router, err := mesh.NewRouter(config, self, "flood", mesh.NullOverlay{}, logger)
	check(err)
	stream := &stream{messages: *messages, size: *size, rate: *rate, stall: *stall, digest: sha256.New()}
	gossip, err := router.NewGossip("stream", stream)
	check(err)
	router.Start()
	tell("ready", nil)
	for _, err := range router.ConnectionMaker.InitiateConnections([]string{*target}, true) {
		check(err)
	}
	if *to != "" {
		destination, err := mesh.PeerNameFromString(*to)
		check(err)
		stream.send(gossip, destination)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-flood:", err)
		os.Exit(1)
	}
}

func tell(event string, details map[string]interface{}) {
	line := map[string]interface{}{"event": event}
	for key, value := range details {
		line[key] = value
	}
	check(json.NewEncoder(os.Stdout).Encode(line))
}

// stream is one end of the stream.
type stream struct {
	messages, size int
	rate           float64
	stall          time.Duration
	received       int
	started        time.Time
	digest         hash.Hash
}

// message is the n-th: its number, and bytes that belong to it alone.
func (s *stream) message(n int) []byte {
	message := bytes.Repeat([]byte{byte(n * 31)}, s.size)
	binary.BigEndian.PutUint64(message, uint64(n))
	return message
}

func (s *stream) send(gossip mesh.Gossip, destination mesh.PeerName) {
	for n := 0; n < s.messages; n++ {
		message := s.message(n)
		err := gossip.GossipUnicast(destination, message)
		for n == 0 && err != nil { // no route yet
			time.Sleep(20 * time.Millisecond)
			err = gossip.GossipUnicast(destination, message)
		}
		check(err)
		s.digest.Write(message)
	}
	tell("sent", map[string]interface{}{"sha256": fmt.Sprintf("%x", s.digest.Sum(nil))})
}

// OnGossipUnicast takes its time: until it returns, nothing more is read.
func (s *stream) OnGossipUnicast(_ mesh.PeerName, message []byte) error {
	if s.received == 0 {
		s.started = time.Now()
	}
	if len(message) != s.size || binary.BigEndian.Uint64(message) != uint64(s.received) {
		tell("broken", map[string]interface{}{"expected": s.received})
		return fmt.Errorf("message %d expected", s.received)
	}
	s.digest.Write(message)
	s.received++
	if s.received == s.messages/2 {
		time.Sleep(s.stall)
		s.started = s.started.Add(s.stall)
	}
	due := time.Duration(float64(s.received*s.size) / (s.rate * (1 << 20)) * float64(time.Second))
	time.Sleep(time.Until(s.started.Add(due)))
	if s.received == s.messages {
		tell("received", map[string]interface{}{"sha256": fmt.Sprintf("%x", s.digest.Sum(nil))})
	}
	return nil
}

func (s *stream) OnGossipBroadcast(mesh.PeerName, []byte) (mesh.GossipData, error) { return nil, nil }
func (s *stream) Gossip() mesh.GossipData                                          { return nil }
func (s *stream) OnGossip([]byte) (mesh.GossipData, error)                         { return nil, nil }
