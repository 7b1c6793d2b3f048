package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"math"
	"math/rand"
	"sync/atomic"

	"github.com/weaveworks/mesh"
)

const (
	draws              = 10000
	neighbourQuestions = 10
)

// How often each neighbour of ours was drawn, in the order of the router's connections; and how often when the first was left out.
type neighboursCase struct {
	topology
	Drawn            []int `json:"drawn"`
	DrawnExceptFirst []int `json:"drawnExceptFirst"`
}

func neighbours() error {
	var cases []*neighboursCase
	for i := 0; i < neighbourQuestions; i++ {
		one, err := askNeighbours(drawBottlenecks(rand.New(rand.NewSource(seed + int64(i)))))
		if err != nil {
			return fmt.Errorf("topology %d: %w", i, err)
		}
		cases = append(cases, one)
	}
	return writeLines(map[string]any{"flavour": mesh.PeerNameFlavour, "draws": draws, "topologies": cases})
}

// drawBottlenecks draws a router with many neighbours, with more or fewer peers behind each.
func drawBottlenecks(random *rand.Rand) topology {
	direct := 8 + random.Intn(10)
	size := 1 + direct + random.Intn(40)
	t := topology{Connections: make([][]int, size), Established: make([][]int, size)}
	link := func(i, j int) {
		t.Connections[i], t.Established[i] = append(t.Connections[i], j), append(t.Established[i], j)
		t.Connections[j], t.Established[j] = append(t.Connections[j], i), append(t.Established[j], i)
	}
	for i := 0; i < size; i++ {
		name := drawName(random)
		t.names = append(t.names, name)
		t.Names = append(t.Names, name.String())
		t.Described = append(t.Described, true)
	}
	for i := 1; i < size; i++ {
		if i <= direct {
			link(0, i)
		} else {
			// Behind the first ones more than behind the last.
			link(1+random.Intn(1+random.Intn(i-1)), i)
		}
	}
	return t
}

// drawnData holds the numbers of the draws that are to be told; the numbers that arrive at a neighbour say when it was drawn.
type drawnData []uint32

func (d drawnData) Encode() [][]byte {
	var bytes []byte
	for _, number := range d {
		bytes = binary.BigEndian.AppendUint32(bytes, number)
	}
	return [][]byte{bytes}
}

func (d drawnData) Merge(other mesh.GossipData) mesh.GossipData {
	return append(append(drawnData{}, d...), other.(drawnData)...)
}

// A relay passes on what comes, so that it is drawn without the neighbour that it came from.
type relay struct{ deaf }

func (relay) OnGossip(message []byte) (mesh.GossipData, error) {
	return drawnData{binary.BigEndian.Uint32(message)}, nil
}

func askNeighbours(t topology) (*neighboursCase, error) {
	router, far, err := t.build()
	if err != nil {
		return nil, err
	}
	gossip, err := router.NewGossip("draw", relay{})
	if err != nil {
		return nil, err
	}
	recalculate(gossip)
	drawn := make([][2]atomic.Int64, len(far))
	var total atomic.Int64
	for i, one := range far {
		go func(i int, one *neighbour) {
			for frame := range one.frames {
				for _, number := range drawnIn(frame) {
					drawn[i][number&1].Add(1)
					total.Add(1)
				}
			}
		}(i, one)
	}
	for number := uint32(0); number < draws; number++ {
		gossip.GossipNeighbourSubset(drawnData{number << 1})
		message := binary.BigEndian.AppendUint32(nil, number<<1|1)
		if err := far[0].gossip("draw", t.names[t.Connections[0][0]], message); err != nil {
			return nil, err
		}
	}
	needed := func(candidates int) int64 {
		return int64(math.Min(2*math.Log2(float64(len(t.names))), float64(candidates)))
	}
	all := draws * (needed(len(far)) + needed(len(far)-1))
	if err := await("all draws", func() bool { return total.Load() >= all }); err != nil {
		return nil, err
	}
	if total.Load() != all {
		return nil, fmt.Errorf("%d drawn in place of %d", total.Load(), all)
	}
	result := &neighboursCase{topology: t}
	for i, one := range far {
		result.Drawn = append(result.Drawn, int(drawn[i][0].Load()))
		result.DrawnExceptFirst = append(result.DrawnExceptFirst, int(drawn[i][1].Load()))
		one.conn.Close()
	}
	return result, nil
}

// drawnIn gives the numbers in a gossip frame of our channel.
func drawnIn(frame []byte) (numbers []uint32) {
	if frame[0] != byte(mesh.ProtocolGossip) {
		return nil
	}
	decoder := gob.NewDecoder(bytes.NewReader(frame[1:]))
	var channel string
	var source mesh.PeerName
	var payload []byte
	if decoder.Decode(&channel) != nil || channel != "draw" || decoder.Decode(&source) != nil || decoder.Decode(&payload) != nil {
		return nil
	}
	for ; len(payload) >= 4; payload = payload[4:] {
		numbers = append(numbers, binary.BigEndian.Uint32(payload))
	}
	return numbers
}
