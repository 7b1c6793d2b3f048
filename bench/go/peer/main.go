// Command peer is a process with routers of the original library, driven by the harness; bench/peer/peer.ts
// does the same in TypeScript.
package main

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/weave-mesh/weave-mesh/bench/go/control"
	"github.com/weaveworks/mesh"
)

type routerConfig struct {
	Name      string   `json:"name"`
	Host      string   `json:"host"`
	Port      int      `json:"port"`
	Password  *string  `json:"password"`
	Targets   []string `json:"targets"`
	Discovery bool     `json:"discovery"`
}

type config struct {
	Routers []routerConfig `json:"routers"`
	Sidecar *struct {
		Address string `json:"address"`
		Deliver string `json:"deliver"`
	} `json:"sidecar"`
}

type silent struct{}

func (silent) Printf(string, ...interface{}) {}

var (
	routers   []*mesh.Router
	gossipers []*gossiper
)

func main() {
	var parsed config
	must(json.Unmarshal([]byte(os.Args[1]), &parsed))
	for _, c := range parsed.Routers {
		start(c)
	}
	for i, c := range parsed.Routers {
		routers[i].ConnectionMaker.InitiateConnections(c.Targets, false)
	}
	if c := parsed.Sidecar; c != nil {
		s := newSidecar(c.Deliver)
		var err error
		s.channel, err = routers[0].NewGossip("app", s)
		must(err)
		listener, err := net.Listen("tcp", c.Address)
		must(err)
		go http.Serve(listener, s)
	}
	control.Serve(map[string]control.Command{
		"connect": connect, "know": know, "agree": agree, "expect": expect, "received": waitReceived,
		"stream": stream, "broadcast": broadcast, "ping": ping, "load": load,
		"usage": control.Usage, "memory": control.Memory, "peers": peers,
	})
}

func start(c routerConfig) {
	name, err := mesh.PeerNameFromString(c.Name)
	must(err)
	settings := mesh.Config{
		Host: c.Host, Port: c.Port, ProtocolMinVersion: mesh.ProtocolMinVersion, PeerDiscovery: c.Discovery,
	}
	if c.Password != nil {
		settings.Password = []byte(*c.Password)
	}
	router, err := mesh.NewRouter(settings, name, "bench", mesh.NullOverlay{}, silent{})
	must(err)
	g := newGossiper()
	g.channel, err = router.NewGossip("bench", g)
	must(err)
	router.Start()
	routers, gossipers = append(routers, router), append(gossipers, g)
}

func connect(r control.Request) (control.Answer, error) {
	for _, err := range routers[r.Router].ConnectionMaker.InitiateConnections(r.Targets, r.Replace) {
		return nil, err
	}
	return nil, nil
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

// know answers when all of these are in the routes, and each known peer has that many established connections.
func know(r control.Request) (control.Answer, error) {
	until(2*time.Millisecond, func() bool {
		status := mesh.NewStatus(routers[r.Router])
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
	})
	return nil, nil
}

// agree answers when each router knows exactly these peers, all of whose connections are these many.
func agree(r control.Request) (control.Answer, error) {
	sort.Strings(r.Names)
	expected := strings.Join(r.Names, ",")
	until(20*time.Millisecond, func() bool {
		for _, router := range routers {
			var names []string
			connections := 0
			for _, peer := range mesh.NewStatus(router).Peers {
				names = append(names, peer.Name)
				connections += established(peer)
			}
			sort.Strings(names)
			if connections != r.Connections || strings.Join(names, ",") != expected {
				return false
			}
		}
		return true
	})
	return nil, nil
}

func expect(r control.Request) (control.Answer, error) {
	gossipers[0].expect(r.Size)
	return nil, nil
}

func waitReceived(control.Request) (control.Answer, error) {
	r := <-gossipers[0].current().ended
	return control.Answer{"count": r.count, "broken": r.broken, "seconds": r.seconds}, nil
}

func stream(r control.Request) (control.Answer, error) {
	to, err := mesh.PeerNameFromString(r.To)
	must(err)
	sent, err := gossipers[0].stream(to, r.Size, r.Seconds)
	return control.Answer{"sent": sent}, err
}

func broadcast(r control.Request) (control.Answer, error) {
	sent, broken, took := gossipers[0].broadcast(r.Receivers, r.Size, r.Seconds)
	return control.Answer{"sent": sent, "broken": broken, "seconds": took}, nil
}

func ping(r control.Request) (control.Answer, error) {
	to, err := mesh.PeerNameFromString(r.To)
	must(err)
	trips, err := gossipers[0].pings(to, r.Size, r.Seconds)
	if err != nil {
		return nil, err
	}
	at := func(part float64) float64 { return trips[int(float64(len(trips)-1)*part)] }
	return control.Answer{"count": len(trips), "p50": at(0.5), "p99": at(0.99)}, nil
}

func load(r control.Request) (control.Answer, error) {
	to, err := mesh.PeerNameFromString(r.To)
	must(err)
	sent, err := gossipers[0].load(to, r.Size, r.PerSecond, r.Seconds)
	return control.Answer{"sent": sent}, err
}

func peers(control.Request) (control.Answer, error) {
	var counts []int
	for _, router := range routers {
		counts = append(counts, len(mesh.NewStatus(router).Peers))
	}
	return control.Answer{"counts": counts}, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
