// Command topology measures the original's topology by itself: applying and encoding updates, and routes. It is
// built over a copy of the module with one file of ours (opened.go.txt); bench/peer/topology.ts does the same.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
	"github.com/weaveworks/mesh"
)

var source, sink *mesh.Opened

func main() {
	control.Say(control.Answer{"event": "ready"})
	control.Serve(map[string]control.Command{"load": load, "updates": updates, "routes": routes, "digest": digest})
}

// load makes two views of the mesh in a file.
func load(r control.Request) (control.Answer, error) {
	update, err := os.ReadFile(r.File)
	if err != nil {
		return nil, err
	}
	name, err := mesh.PeerNameFromString(r.To)
	if err != nil {
		return nil, err
	}
	view := func() *mesh.Opened {
		opened := mesh.Open(name)
		if _, _, err = opened.Apply(update); err == nil {
			opened.Reciprocate()
			opened.Calculate()
		}
		return opened
	}
	source, sink = view(), view()
	return control.Answer{"peers": len(sink.Others())}, err
}

// updates encodes all peers with new versions on one side and applies that on the other, again and again.
func updates(r control.Request) (control.Answer, error) {
	names := source.Others()
	var encoding, applying, routing time.Duration
	count := 0
	for end := time.Now().Add(time.Duration(r.Seconds * 1e9)); count < 2 || time.Now().Before(end); count++ {
		source.Renew(names)
		start := time.Now()
		update := source.Encode(names)
		encoded := time.Now()
		_, changed, err := sink.Apply(update)
		applied := time.Now()
		sink.Calculate()
		if err == nil {
			err = lookUp(names)
		}
		routing += time.Since(applied)
		encoding += encoded.Sub(start)
		applying += applied.Sub(encoded)
		if err == nil && changed != len(names) {
			err = fmt.Errorf("%d of %d were new", changed, len(names))
		}
		if err != nil {
			return nil, err
		}
	}
	perSecond := func(d time.Duration) float64 { return float64(count) / d.Seconds() }
	return control.Answer{
		"encode": perSecond(encoding), "apply": perSecond(applying), "applyAndRoute": perSecond(applying + routing),
	}, nil
}

// routes calculates again and again, each time after one peer has changed, and looks up everybody.
func routes(r control.Request) (control.Answer, error) {
	names := source.Others()
	var calculating, broadcasting time.Duration
	count, hops := 0, 0
	sources := names[:min(len(names), 16)]
	for end := time.Now().Add(time.Duration(r.Seconds * 1e9)); count < 2 || time.Now().Before(end); count++ {
		one := names[count%len(names)]
		source.Renew([]mesh.PeerName{one})
		if _, _, err := sink.Apply(source.Encode([]mesh.PeerName{one})); err != nil {
			return nil, err
		}
		start := time.Now()
		sink.Calculate()
		err := lookUp(names)
		calculated := time.Now()
		for _, name := range sources {
			hops += len(sink.Routes.BroadcastAll(name))
		}
		broadcasting += time.Since(calculated)
		calculating += calculated.Sub(start)
		if err != nil {
			return nil, err
		}
	}
	return control.Answer{
		"calculate": float64(count) / calculating.Seconds(),
		"broadcast": float64(count*len(sources)) / broadcasting.Seconds(),
		"hops":      float64(hops) / float64(count),
	}, nil
}

func lookUp(names []mesh.PeerName) error {
	for _, name := range names {
		_, established := sink.Routes.Unicast(name)
		_, any := sink.Routes.UnicastAll(name)
		if !established || !any {
			return fmt.Errorf("no route to %s", name)
		}
	}
	return nil
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func digest(control.Request) (control.Answer, error) {
	sum, connections := sink.Digest()
	return control.Answer{"sum": fmt.Sprint(sum), "connections": connections}, nil
}
