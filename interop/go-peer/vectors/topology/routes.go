package main

import (
	"fmt"
	"math/rand"
	"sync"
	"time"

	"github.com/weaveworks/mesh"
)

// A topology as small numbers: peers are indices into Names, and the first is the router itself.
type topology struct {
	Names []string `json:"names"`
	// Whether the update describes the peer, or only names it as the far end of connections.
	Described []bool `json:"described"`
	// For each peer the far ends of its connections, and which of these are established.
	Connections [][]int `json:"connections"`
	Established [][]int `json:"established"`
	names       []mesh.PeerName
}

// The routes of a topology. Next hops by destination: -1 no way, -2 the unknown name. Broadcast hops by source, sorted by index.
type routesCase struct {
	topology
	Unicast      []int   `json:"unicast"`
	UnicastAll   []int   `json:"unicastAll"`
	Broadcast    [][]int `json:"broadcast"`
	BroadcastAll [][]int `json:"broadcastAll"`
}

const topologies = 500

func routes() error {
	cases := make([]*routesCase, topologies)
	errors := make(chan error, topologies)
	var running sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range cases {
		slots <- struct{}{}
		running.Add(1)
		go func(i int) {
			defer running.Done()
			defer func() { <-slots }()
			var err error
			for attempt := 0; attempt < 5; attempt++ {
				random := rand.New(rand.NewSource(seed + int64(i)))
				if cases[i], err = askRoutes(drawTopology(random, 1+random.Intn(60))); err == nil {
					return
				}
			}
			errors <- fmt.Errorf("topology %d: %w", i, err)
		}(i)
	}
	running.Wait()
	close(errors)
	if err := <-errors; err != nil {
		return err
	}
	return writeLines(map[string]any{"flavour": mesh.PeerNameFlavour, "topologies": cases})
}

func drawName(random *rand.Rand) mesh.PeerName {
	bytes := make([]byte, mesh.NameSize)
	random.Read(bytes)
	return mesh.PeerNameFromBin(bytes)
}

// drawTopology draws from trees to cliques, in one piece or in several, with links told of by one end only and ends not established.
func drawTopology(random *rand.Rand, size int) topology {
	t := topology{Connections: make([][]int, size), Established: make([][]int, size)}
	for i := 0; i < size; i++ {
		name := drawName(random)
		t.names = append(t.names, name)
		t.Names = append(t.Names, name.String())
		t.Described = append(t.Described, i == 0 || random.Intn(20) > 0)
		t.Connections[i], t.Established[i] = []int{}, []int{}
	}
	density := []float64{1, 2, 3, 5, 10, 60}[random.Intn(6)] / float64(size)
	oneSided := []float64{0, 0.05, 0.3}[random.Intn(3)]
	unestablished := []float64{0, 0.05, 0.3}[random.Intn(3)]
	end := func(from, to int) {
		if !t.Described[from] || random.Float64() < oneSided {
			return
		}
		t.Connections[from] = append(t.Connections[from], to)
		if random.Float64() >= unestablished {
			t.Established[from] = append(t.Established[from], to)
		}
	}
	for i := 0; i < size; i++ {
		for j := i + 1; j < size; j++ {
			// A tree below the rest keeps most of them in one piece.
			if random.Float64() < density || (j == i+1 && random.Intn(10) > 0) {
				end(i, j)
				end(j, i)
			}
		}
	}
	return t
}

func has(list []int, value int) bool {
	for _, one := range list {
		if one == value {
			return true
		}
	}
	return false
}

// build makes a router that knows the topology: real connections for its own, an update for the others'.
func (t *topology) build() (*mesh.Router, []*neighbour, error) {
	router, address, err := newRouter(t.names[0], "ourself")
	if err != nil {
		return nil, nil, err
	}
	var far []*neighbour
	for _, to := range t.Connections[0] {
		one, err := attach(router, address, t.names[to], nil, has(t.Established[0], to))
		if err != nil {
			return nil, nil, err
		}
		far = append(far, one)
	}
	var update []description
	for i, described := range t.Described {
		if !described || i == 0 {
			continue
		}
		peer := description{peerSummary: peerSummary{NameByte: bin(t.names[i]), UID: uint64(i), Version: 1}}
		for _, to := range t.Connections[i] {
			peer.connections = append(peer.connections, connectionSummary{NameByte: bin(t.names[to]), Established: has(t.Established[i], to)})
		}
		update = append(update, peer)
	}
	_, err = router.OnGossip(encodeUpdate(update))
	return router, far, err
}

func askRoutes(t topology) (*routesCase, error) {
	router, far, err := t.build()
	if err != nil {
		return nil, err
	}
	applied := time.Now()
	known := len(router.Peers.Descriptions())
	gossip, err := router.NewGossip("probe", deaf{})
	if err != nil {
		return nil, err
	}
	for _, one := range far {
		one.discard()
	}
	recalculate(gossip)

	index := map[mesh.PeerName]int{mesh.UnknownPeerName: -2}
	for i, name := range t.names {
		index[name] = i
	}
	result := &routesCase{topology: t}
	hop := func(ask func(mesh.PeerName) (mesh.PeerName, bool), name mesh.PeerName) int {
		if hop, found := ask(name); found {
			return index[hop]
		}
		return -1
	}
	hops := func(ask func(mesh.PeerName) []mesh.PeerName, name mesh.PeerName) []int {
		result := []int{}
		found := map[int]bool{}
		for _, hop := range ask(name) {
			found[index[hop]] = true
		}
		for i := range t.names {
			if found[i] {
				result = append(result, i)
			}
		}
		return result
	}
	for _, name := range t.names {
		result.Unicast = append(result.Unicast, hop(router.Routes.Unicast, name))
		result.UnicastAll = append(result.UnicastAll, hop(router.Routes.UnicastAll, name))
		result.Broadcast = append(result.Broadcast, hops(router.Routes.Broadcast, name))
		result.BroadcastAll = append(result.BroadcastAll, hops(router.Routes.BroadcastAll, name))
	}
	// The router collects unreachable peers 1 s after an update; all answers must be from before.
	if time.Since(applied) > 900*time.Millisecond || len(router.Peers.Descriptions()) != known {
		return nil, fmt.Errorf("too slow: peers may have been collected meanwhile")
	}
	for _, one := range far {
		one.conn.Close()
	}
	return result, nil
}
