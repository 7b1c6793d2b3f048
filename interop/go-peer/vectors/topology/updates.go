package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"sort"
	"time"

	"github.com/weaveworks/mesh"
)

// A sequence is the life of one router: what was done to it, and what it knew after each step.
type sequence struct {
	Name    string `json:"name"`
	UID     string `json:"uid"`
	ShortID uint16 `json:"shortId"`
	Steps   []step `json:"steps"`
}

// What was done, then what came of it. State holds what changed since the step before.
type step struct {
	// gossip and broadcast carry an update, connect and disconnect a peer, collect nothing.
	Do      string     `json:"do"`
	Update  string     `json:"update,omitempty"`
	Connect *connected `json:"connect,omitempty"`
	Name    string     `json:"name,omitempty"`

	// The update is not one that a peer would send: cut short, or with a byte changed. It may be valid yet.
	Damaged bool `json:"damaged,omitempty"`
	Refused bool `json:"refused,omitempty"`
	// The names that the router would relay, sorted; with gossip what was new, with a broadcast all that was described.
	Relayed     []string          `json:"relayed,omitempty"`
	Invalidated int               `json:"invalidated,omitempty"`
	Collected   []string          `json:"collected,omitempty"`
	Peers       map[string]record `json:"peers,omitempty"`
	// The owners of short IDs; an empty name: nobody any more.
	ShortIDs map[uint16]string `json:"shortIds,omitempty"`
}

type connected struct {
	Name        string  `json:"name"`
	NickName    string  `json:"nickName"`
	UID         string  `json:"uid"`
	ShortID     *uint16 `json:"shortId,omitempty"`
	Address     string  `json:"address"`
	Established bool    `json:"established"`
}

// Bytes that need not be text are in hex, 64-bit numbers in decimal.
type record struct {
	NameByte    string `json:"nameByte"`
	NickName    string `json:"nickName"`
	UID         string `json:"uid"`
	Version     string `json:"version"`
	ShortID     uint16 `json:"shortId"`
	HasShortID  bool   `json:"hasShortId"`
	Connections []link `json:"connections"`
}

type link struct {
	NameByte    string `json:"nameByte"`
	Address     string `json:"address"`
	Outbound    bool   `json:"outbound"`
	Established bool   `json:"established"`
}

const (
	sequences        = 70
	stepsPerSequence = 40
)

func updates() error {
	var all []*sequence
	count := 0
	for i := 0; i < sequences; i++ {
		var done *sequence
		var err error
		for attempt := 0; attempt < 5 && done == nil; attempt++ {
			done, err = live(rand.New(rand.NewSource(seed + int64(i))))
		}
		if done == nil {
			return fmt.Errorf("sequence %d: %w", i, err)
		}
		all = append(all, done)
		for _, step := range done.Steps {
			if step.Update != "" || step.Do == "gossip" || step.Do == "broadcast" {
				count++
			}
		}
	}
	return writeLines(map[string]any{"flavour": mesh.PeerNameFlavour, "updates": count, "sequences": all})
}

// A world is one router, the peers that updates tell of, and what was said of them before.
type world struct {
	random     *rand.Rand
	router     *mesh.Router
	address    string
	names      []mesh.PeerName
	said       map[mesh.PeerName][]description
	neighbours map[mesh.PeerName]*neighbour
	shortIDs   map[uint16]string
	before     map[string]string

	invalidated int
	collected   []string
}

func live(random *rand.Rand) (*sequence, error) {
	w := &world{random: random, said: map[mesh.PeerName][]description{}, neighbours: map[mesh.PeerName]*neighbour{},
		shortIDs: map[uint16]string{}, before: map[string]string{}}
	for i := 0; i < 6+random.Intn(14); i++ {
		w.names = append(w.names, drawName(random))
	}
	var err error
	if w.router, w.address, err = newRouter(w.names[0], "ourself"); err != nil {
		return nil, err
	}
	w.router.Peers.OnInvalidateShortIDs(func() { w.invalidated++ })
	w.router.Peers.OnGC(func(peer *mesh.Peer) { w.collected = append(w.collected, peer.Name.String()) })
	result := &sequence{Name: w.names[0].String(), UID: fmt.Sprint(uint64(w.router.Ourself.UID)), ShortID: uint16(w.router.Ourself.ShortID)}
	if err := w.observe(&step{}); err != nil {
		return nil, err
	}
	started := time.Now()
	for len(result.Steps) < stepsPerSequence {
		next, err := w.step()
		if err != nil {
			return nil, err
		}
		if next != nil {
			result.Steps = append(result.Steps, *next)
		}
	}
	// The router collects by itself 1 s after the first update.
	if time.Since(started) > 900*time.Millisecond {
		return nil, fmt.Errorf("too slow: peers may have been collected meanwhile")
	}
	for _, one := range w.neighbours {
		one.conn.Close()
	}
	return result, nil
}

// step does one thing and writes down what came of it; nil if the thing could not be done.
func (w *world) step() (*step, error) {
	w.invalidated, w.collected = 0, nil
	result := &step{}
	var err error
	switch draw := w.random.Intn(20); {
	case draw < 2 || (len(w.neighbours) == 0 && draw < 6):
		result.Do = "connect"
		err = w.connect(result)
	case draw == 2:
		result.Do = "disconnect"
		err = w.disconnect(result)
	case draw == 3:
		result.Do = "collect"
		w.router.Peers.GarbageCollect()
	default:
		w.update(result)
	}
	if err != nil || result.Do == "" {
		return nil, err
	}
	return result, w.observe(result)
}

func (w *world) other() mesh.PeerName { return w.names[1+w.random.Intn(len(w.names)-1)] }

// shortID is mostly one of a few, and now and then our own, so that there are collisions.
func (w *world) shortID() uint16 {
	switch w.random.Intn(12) {
	case 0:
		return uint16(w.router.Ourself.ShortID)
	case 1:
		return uint16(w.random.Intn(1 << 16))
	}
	return uint16(w.random.Intn(8))
}

func (w *world) connect(result *step) error {
	name := w.other()
	if w.neighbours[name] != nil {
		result.Do = ""
		return nil
	}
	peer := connected{Name: name.String(), NickName: "far", UID: fmt.Sprint(1 + w.random.Intn(3)), Established: w.random.Intn(4) > 0}
	features := map[string]string{"NickName": peer.NickName, "UID": peer.UID}
	if w.random.Intn(4) > 0 {
		shortID := w.shortID() & 0xfff
		peer.ShortID = &shortID
		features["ShortID"] = fmt.Sprint(shortID)
	}
	far, err := attach(w.router, w.address, name, features, peer.Established)
	if err != nil {
		return err
	}
	far.discard()
	peer.Address = far.conn.LocalAddr().String()
	w.neighbours[name] = far
	result.Connect = &peer
	return nil
}

func (w *world) disconnect(result *step) error {
	for _, name := range w.names {
		if far := w.neighbours[name]; far != nil && w.random.Intn(2) == 0 {
			ended := mesh.NewStatus(w.router).TerminationCount
			far.conn.Close()
			delete(w.neighbours, name)
			result.Name = name.String()
			return await("the end of a connection", func() bool { return mesh.NewStatus(w.router).TerminationCount > ended })
		}
	}
	result.Do = ""
	return nil
}

func (w *world) update(result *step) {
	var peers []description
	for count := w.random.Intn(5); count >= 0; count-- {
		peers = append(peers, w.describe())
	}
	bytes := encodeUpdate(peers)
	switch w.random.Intn(24) {
	case 0:
		bytes = nil
	case 1:
		result.Damaged = true
		bytes = bytes[:w.random.Intn(len(bytes))]
	case 2:
		result.Damaged = true
		bytes[w.random.Intn(len(bytes))] ^= byte(1 + w.random.Intn(255))
	case 3:
		result.Damaged = true
		bytes = withoutLastList(peers)
	}
	result.Update = hex.EncodeToString(bytes)
	var data mesh.GossipData
	var err error
	if result.Do = "gossip"; w.random.Intn(4) == 0 {
		result.Do = "broadcast"
		data, err = w.router.OnGossipBroadcast(w.other(), bytes)
	} else {
		data, err = w.router.OnGossip(bytes)
	}
	result.Refused = err != nil
	if err == nil && data != nil {
		for _, message := range data.Encode() {
			relayed, err := decodeUpdate(message)
			if err != nil {
				panic(err)
			}
			for _, peer := range relayed {
				result.Relayed = append(result.Relayed, mesh.PeerNameFromBin(peer.NameByte).String())
			}
		}
		sort.Strings(result.Relayed)
	}
}

// withoutLastList encodes an update that lacks the connections of its last peer, which the library takes.
func withoutLastList(peers []description) []byte {
	last := peers[len(peers)-1]
	// The length of a list in a stream that knows its types.
	list := len(gobOf(last.connections, last.connections)) - len(gobOf(last.connections))
	whole := encodeUpdate(peers)
	if len(peers) == 1 {
		return gobOf(last.peerSummary)
	}
	return whole[:len(whole)-list]
}

// describe says something of a peer: something new, something old, or the same of another run of its.
func (w *world) describe() description {
	name := w.names[w.random.Intn(len(w.names))]
	if w.random.Intn(3) > 0 {
		name = w.other()
	}
	said := w.said[name]
	if len(said) > 0 && w.random.Intn(4) == 0 {
		return said[w.random.Intn(len(said))]
	}
	peer := description{peerSummary: peerSummary{NameByte: bin(name), UID: uint64(1 + w.random.Intn(3)), Version: uint64(1 + w.random.Intn(6))}}
	if name == w.names[0] {
		if w.random.Intn(2) == 0 {
			peer.UID = uint64(w.router.Ourself.UID)
		}
		peer.Version = w.router.Ourself.Version + uint64(w.random.Intn(4)) - 1
	} else if len(said) > 0 && w.random.Intn(3) > 0 {
		last := said[len(said)-1]
		peer.UID, peer.Version = last.UID, last.Version+1
	}
	peer.NickName = []string{"", "nick", "näme", "\xff\xfe", "\ufeffmark", "a longer nickname than the others have"}[w.random.Intn(6)]
	if w.random.Intn(5) > 0 {
		peer.ShortID, peer.HasShortID = w.shortID(), w.random.Intn(6) > 0
	}
	if w.random.Intn(30) == 0 && mesh.NameSize == 6 {
		// Another spelling of a name: leading zero bytes do not count, and there can be fewer.
		peer.NameByte = append([]byte{0}, peer.NameByte...)
	}
	if w.random.Intn(60) == 0 {
		peer.NameByte = peer.NameByte[:w.random.Intn(len(peer.NameByte))]
	}
	if w.random.Intn(40) == 0 {
		peer.Version = 1<<64 - 1
	}
	for count := w.random.Intn(6); count > 0; count-- {
		far := w.names[w.random.Intn(len(w.names))]
		if w.random.Intn(12) == 0 {
			far = drawName(w.random)
		}
		link := connectionSummary{NameByte: bin(far), RemoteTCPAddr: "10.0.0.7:6783", Outbound: w.random.Intn(2) == 0, Established: w.random.Intn(4) > 0}
		if w.random.Intn(6) == 0 {
			link.RemoteTCPAddr = []string{"", "[fd00::1]:6783", "\xff:1", "host"}[w.random.Intn(4)]
		}
		peer.connections = append(peer.connections, link)
		if w.random.Intn(20) == 0 {
			link.Outbound = !link.Outbound
			peer.connections = append(peer.connections, link)
		}
	}
	w.said[name] = append(said, peer)
	return peer
}

// observe writes down how what the router knows differs from before.
func (w *world) observe(result *step) error {
	result.Invalidated = w.invalidated
	result.Collected = append([]string{}, w.collected...)
	sort.Strings(result.Collected)
	result.Peers = map[string]record{}
	known, err := decodeUpdate(w.router.Gossip().Encode()[0])
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, peer := range known {
		name := mesh.PeerNameFromBin(peer.NameByte).String()
		record := recordOf(peer)
		text, err := json.Marshal(record)
		if err != nil {
			return err
		}
		now[name] = string(text)
		if w.before[name] != now[name] {
			result.Peers[name] = record
		}
		if _, found := w.shortIDs[peer.ShortID]; !found {
			w.shortIDs[peer.ShortID] = ""
		}
	}
	for name := range w.before {
		// What is not known any more was collected; nothing else may take a peer away.
		if _, found := now[name]; !found && !contains(result.Collected, name) {
			return fmt.Errorf("%s has vanished", name)
		}
	}
	w.before = now
	result.ShortIDs = map[uint16]string{}
	for shortID, before := range w.shortIDs {
		owner := ""
		if peer := w.router.Peers.FetchByShortID(mesh.PeerShortID(shortID)); peer != nil {
			owner = peer.Name.String()
		}
		if owner != before {
			result.ShortIDs[shortID] = owner
			w.shortIDs[shortID] = owner
		}
	}
	return nil
}

func contains(sorted []string, name string) bool {
	at := sort.SearchStrings(sorted, name)
	return at < len(sorted) && sorted[at] == name
}

func recordOf(peer description) record {
	result := record{hex.EncodeToString(peer.NameByte), hex.EncodeToString([]byte(peer.NickName)), fmt.Sprint(peer.UID), fmt.Sprint(peer.Version),
		peer.ShortID, peer.HasShortID, []link{}}
	for _, c := range peer.connections {
		result.Connections = append(result.Connections, link{hex.EncodeToString(c.NameByte), hex.EncodeToString([]byte(c.RemoteTCPAddr)), c.Outbound, c.Established})
	}
	sort.Slice(result.Connections, func(i, j int) bool { return result.Connections[i].NameByte < result.Connections[j].NameByte })
	return result
}
