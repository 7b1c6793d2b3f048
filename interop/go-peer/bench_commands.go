package main

import (
	"errors"
	"sort"
	"strings"
	"time"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
	"github.com/weaveworks/mesh"
)

// processCommands are commands about the process itself, where the operating system has answers to them.
var processCommands = map[string]control.Command{}

// benchCommands are the commands of measurements, on standard input only. bench/peer/peer.ts has the same ones.
func benchCommands(peers []*peer) map[string]control.Command {
	bench := func(measure func(*benchChannel, control.Request) (control.Answer, error)) control.Command {
		return func(r control.Request) (control.Answer, error) {
			if peers[0].bench == nil {
				return nil, errors.New("no channel was registered with --bench")
			}
			return measure(peers[0].bench, r)
		}
	}
	return map[string]control.Command{
		"know": func(r control.Request) (control.Answer, error) {
			until(2*time.Millisecond, func() bool { return knows(peers[r.Router].router, r) })
			return nil, nil
		},
		"agree": func(r control.Request) (control.Answer, error) {
			sort.Strings(r.Names)
			expected := strings.Join(r.Names, ",")
			until(20*time.Millisecond, func() bool {
				for _, p := range peers {
					if !agrees(p.router, expected, r.Connections) {
						return false
					}
				}
				return true
			})
			return nil, nil
		},
		"peers": func(control.Request) (control.Answer, error) {
			var counts []int
			for _, p := range peers {
				counts = append(counts, len(mesh.NewStatus(p.router).Peers))
			}
			return control.Answer{"counts": counts}, nil
		},
		"expect":     bench(expect),
		"arrived":    bench(arrived),
		"stream":     bench(measureStream),
		"broadcasts": bench(measureBroadcasts),
		"ping":       bench(measurePings),
		"load":       bench(measureLoad),
	}
}

func until(every time.Duration, condition func() bool) {
	for !condition() {
		time.Sleep(every)
	}
}

func established(peer mesh.PeerStatus) int {
	count := 0
	for _, connection := range peer.Connections {
		if connection.Established {
			count++
		}
	}
	return count
}

// knows reports whether all of these peers are in the routes, and each known peer has that many established connections.
func knows(router *mesh.Router, r control.Request) bool {
	status := mesh.NewStatus(router)
	known := map[string]bool{}
	for _, route := range status.UnicastRoutes {
		known[route.Dest] = true
	}
	for _, name := range r.Names {
		if !known[name] {
			return false
		}
	}
	for _, peer := range status.Peers {
		if r.Degree != nil && established(peer) != *r.Degree {
			return false
		}
	}
	return true
}

// agrees reports whether a router knows exactly these peers, all of whose connections together are these many.
func agrees(router *mesh.Router, sortedNames string, connections int) bool {
	var names []string
	found := 0
	for _, peer := range mesh.NewStatus(router).Peers {
		names = append(names, peer.Name)
		found += established(peer)
	}
	sort.Strings(names)
	return found == connections && strings.Join(names, ",") == sortedNames
}

func expect(c *benchChannel, r control.Request) (control.Answer, error) {
	c.expect(r.Size)
	return nil, nil
}

func arrived(c *benchChannel, _ control.Request) (control.Answer, error) {
	ended := <-c.current().ended
	return control.Answer{"count": ended.count, "broken": ended.broken, "seconds": ended.seconds}, nil
}

func measureStream(c *benchChannel, r control.Request) (control.Answer, error) {
	to, err := mesh.PeerNameFromString(r.To)
	if err != nil {
		return nil, err
	}
	sent, err := c.stream(to, r.Size, r.Seconds)
	return control.Answer{"sent": sent}, err
}

func measureBroadcasts(c *benchChannel, r control.Request) (control.Answer, error) {
	sent, broken, took := c.broadcast(r.Receivers, r.Size, r.Seconds)
	return control.Answer{"sent": sent, "broken": broken, "seconds": took}, nil
}

func measurePings(c *benchChannel, r control.Request) (control.Answer, error) {
	to, err := mesh.PeerNameFromString(r.To)
	if err != nil {
		return nil, err
	}
	trips, err := c.pings(to, r.Size, r.Seconds)
	if err != nil {
		return nil, err
	}
	at := func(part float64) float64 { return trips[int(float64(len(trips)-1)*part)] }
	return control.Answer{"count": len(trips), "p50": at(0.5), "p99": at(0.99)}, nil
}

func measureLoad(c *benchChannel, r control.Request) (control.Answer, error) {
	to, err := mesh.PeerNameFromString(r.To)
	if err != nil {
		return nil, err
	}
	sent, err := c.load(to, r.Size, r.PerSecond, r.Seconds)
	return control.Answer{"sent": sent}, err
}
