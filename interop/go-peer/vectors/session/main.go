// Command session records connections between two real weaveworks/mesh routers, with the secret keys of both
// sides, so that every byte of them can be read: both protocol versions, without a password, with one and with an
// empty one. It prints JSON.
//
//	go run ./vectors/session > ../../fixtures/session-key/sessions-mac.json
//	go run -tags 'peer_name_alternative peer_name_hash' ./vectors/session > ../../fixtures/session-key/sessions-hash.json
//
// Keys and connection ids come from a fixed seed, but map order, the order in which the two sides draw, and what
// travels in one segment are Go's and the machine's: a new recording has other bytes.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/seeded"
	"github.com/weaveworks/mesh"
)

const (
	seed    = "weave-mesh sessions, 1"
	channel = "default"
)

// drawnKeys are the secret keys that were drawn since the last recording, each with its public key.
type drawnKeys struct {
	sync.Mutex
	pairs [][2][32]byte
}

func (d *drawnKeys) add(public, secret [32]byte) {
	d.Lock()
	defer d.Unlock()
	d.pairs = append(d.pairs, [2][32]byte{public, secret})
}

// chunk is what one read of the proxy saw.
type chunk struct {
	From  string `json:"from"` // "dialler" or "acceptor"
	Bytes string `json:"bytes"`
}

type session struct {
	Name           string   `json:"name"`
	Version        int      `json:"version"`
	Password       *string  `json:"password"` // hex; null is none
	SecretKeys     []string `json:"secretKeys"`
	DiallerName    string   `json:"diallerName"`
	AcceptorName   string   `json:"acceptorName"`
	Chunks         []chunk  `json:"chunks"`
	PayloadsToward []string `json:"payloadsToAcceptor"`
	PayloadsBack   []string `json:"payloadsToDialler"`
}

type recording struct {
	GoVersion string    `json:"goVersion"`
	Mesh      string    `json:"mesh"`
	Flavour   string    `json:"flavour"`
	Sessions  []session `json:"sessions"`
}

// data is a payload that is sent as it stands.
type data []byte

func (d data) Encode() [][]byte                            { return [][]byte{d} }
func (d data) Merge(other mesh.GossipData) mesh.GossipData { return append(d, other.(data)...) }

// gossiper keeps what it gets.
type gossiper struct {
	sync.Mutex
	got []string
}

func (g *gossiper) keep(b []byte) {
	g.Lock()
	defer g.Unlock()
	g.got = append(g.got, string(b))
}

func (g *gossiper) count() int {
	g.Lock()
	defer g.Unlock()
	return len(g.got)
}

func (g *gossiper) OnGossipUnicast(_ mesh.PeerName, msg []byte) error { g.keep(msg); return nil }
func (g *gossiper) OnGossipBroadcast(_ mesh.PeerName, update []byte) (mesh.GossipData, error) {
	g.keep(update)
	return data(update), nil
}
func (g *gossiper) Gossip() (complete mesh.GossipData) { return nil }
func (g *gossiper) OnGossip(msg []byte) (mesh.GossipData, error) {
	g.keep(msg)
	return data(msg), nil
}

// recorder passes one connection on and keeps what went through. In version 1 it lowers the highest version in
// both headers, which is how two of today's peers come to speak the old one.
type recorder struct {
	sync.Mutex
	chunks []chunk
}

func (r *recorder) pass(from string, src, dst net.Conn, maxVersion byte) {
	buf := make([]byte, 64*1024)
	total := 0
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if total <= 6 && total+n > 6 {
				buf[6-total] = maxVersion
			}
			total += n
			r.Lock()
			r.chunks = append(r.chunks, chunk{from, hex.EncodeToString(buf[:n])})
			r.Unlock()
			if _, err := dst.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			dst.Close()
			return
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func await(what string, condition func() bool) {
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			log.Fatalf("timed out: %s", what)
		}
	}
}

func record(name string, version int, password []byte, host string, drawn *drawnKeys) session {
	quiet := log.New(io.Discard, "", 0)
	port := 16783
	newRouter := func(ip, input, nickName string) (*mesh.Router, *gossiper, mesh.Gossip, mesh.PeerName) {
		peerName, err := mesh.PeerNameFromUserInput(input)
		must(err)
		router, err := mesh.NewRouter(mesh.Config{
			Host: ip, Port: port, ProtocolMinVersion: mesh.ProtocolMinVersion, Password: password, ConnLimit: 64,
		}, peerName, nickName, mesh.NullOverlay{}, quiet)
		must(err)
		g := &gossiper{}
		gossip, err := router.NewGossip(channel, g)
		must(err)
		router.Start()
		return router, g, gossip, peerName
	}
	drawn.Lock()
	drawn.pairs = nil
	drawn.Unlock()
	acceptor, atAcceptor, fromAcceptor, acceptorName := newRouter(host+".1", "00:00:00:00:00:01", "acceptor")
	dialler, atDialler, fromDialler, diallerName := newRouter(host+".2", "a2:b4:c6:d8:ea:fc", "diäller")
	defer acceptor.Stop()
	defer dialler.Stop()

	listener, err := net.Listen("tcp", fmt.Sprintf("%s.3:%d", host, port))
	must(err)
	rec := &recorder{}
	go func() {
		in, err := listener.Accept()
		must(err)
		listener.Close()
		out, err := net.Dial("tcp", fmt.Sprintf("%s.1:%d", host, port))
		must(err)
		go rec.pass("dialler", in, out, byte(version))
		go rec.pass("acceptor", out, in, byte(version))
	}()
	dialler.ConnectionMaker.InitiateConnections([]string{listener.Addr().String()}, false)

	joined := func(r *mesh.Router) bool {
		status := mesh.NewStatus(r)
		return len(status.Peers) == 2 && len(status.UnicastRoutes) == 2
	}
	await("join", func() bool { return joined(acceptor) && joined(dialler) })

	large := bytes.Repeat([]byte("0123456789abcdef"), 32)
	must(fromDialler.GossipUnicast(acceptorName, []byte("unicast")))
	await("unicast", func() bool { return atAcceptor.count() == 1 })
	fromDialler.GossipBroadcast(data("broadcast"))
	await("broadcast", func() bool { return atAcceptor.count() == 2 })
	fromDialler.GossipNeighbourSubset(data(large))
	await("gossip", func() bool { return atAcceptor.count() == 3 })
	must(fromAcceptor.GossipUnicast(diallerName, []byte{}))
	await("empty unicast", func() bool { return atDialler.count() == 1 })
	fromAcceptor.GossipBroadcast(data(large))
	await("broadcast back", func() bool { return atDialler.count() == 2 })
	fromAcceptor.GossipNeighbourSubset(data("\xff\x00 not text"))
	await("gossip back", func() bool { return atDialler.count() == 3 })

	drawn.Lock()
	defer drawn.Unlock()
	rec.Lock()
	defer rec.Unlock()
	s := session{Name: name, Version: version, Chunks: rec.chunks,
		DiallerName: diallerName.String(), AcceptorName: acceptorName.String(), SecretKeys: []string{}}
	if password != nil {
		text := hex.EncodeToString(password)
		s.Password = &text
		s.SecretKeys = sortedSecrets(drawn.pairs, rec.chunks)
	}
	for _, p := range atAcceptor.got {
		s.PayloadsToward = append(s.PayloadsToward, hex.EncodeToString([]byte(p)))
	}
	for _, p := range atDialler.got {
		s.PayloadsBack = append(s.PayloadsBack, hex.EncodeToString([]byte(p)))
	}
	return s
}

// sortedSecrets gives the dialler's secret key first: the one whose public key the dialler sent.
func sortedSecrets(pairs [][2][32]byte, chunks []chunk) []string {
	var fromDialler []byte
	for _, c := range chunks {
		if c.From == "dialler" {
			b, _ := hex.DecodeString(c.Bytes)
			fromDialler = append(fromDialler, b...)
		}
	}
	if len(pairs) != 2 {
		log.Fatalf("%d secret keys were drawn", len(pairs))
	}
	for i, pair := range pairs {
		inHex := []byte(hex.EncodeToString(pair[0][:]))
		if bytes.Contains(fromDialler, pair[0][:]) || bytes.Contains(fromDialler, inHex) {
			return []string{hex.EncodeToString(pair[1][:]), hex.EncodeToString(pairs[1-i][1][:])}
		}
	}
	log.Fatal("the dialler's public key was not seen")
	return nil
}

func main() {
	drawn := &drawnKeys{}
	seeded.Replace(seed, drawn.add)
	out := recording{
		GoVersion: runtime.Version(),
		Mesh:      "github.com/weaveworks/mesh v0.0.0-20191105120815-58dbcc3e8e63",
		Flavour:   mesh.PeerNameFlavour,
	}
	subnet := 1
	for version := 1; version <= 2; version++ {
		for _, mode := range []struct {
			name     string
			password []byte
		}{{"plain", nil}, {"password", []byte("pässword\xff")}, {"empty password", []byte{}}} {
			name := fmt.Sprintf("version %d, %s", version, mode.name)
			host := fmt.Sprintf("127.91.%d", subnet)
			out.Sessions = append(out.Sessions, record(name, version, mode.password, host, drawn))
			subnet++
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	must(encoder.Encode(out))
}
