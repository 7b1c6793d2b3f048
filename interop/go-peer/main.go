// Command go-peer is one peer of a weaveworks/mesh network, or several in one process, made of nothing but the original
// library. It is driven over the HTTP interface that interop/README.md describes, and over JSON lines on standard input
// and output (package control). It prints one JSON line when it is ready, logs to standard error, and ends with status 0
// on POST /quit, SIGTERM, SIGINT and the end of its standard input.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
	_ "github.com/weave-mesh/weave-mesh/interop/go-peer/seeded" // when the environment asks for it
	"github.com/weaveworks/mesh"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "go-peer:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	all, err := parseProcess(arguments)
	if err != nil {
		return err
	}
	var peers []*peer
	for _, options := range all {
		p, err := create(options)
		if err != nil {
			return err
		}
		peers = append(peers, p)
	}

	done := make(chan struct{})
	var once sync.Once
	quit := func() { once.Do(func() { close(done) }) }
	controlAddress := ""
	first := all[0]
	if first.control != "none" {
		listener, err := net.Listen("tcp", first.control)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: httpControl(peers[0], quit)}
		go func() { _ = server.Serve(listener) }()
		controlAddress = listener.Addr().String()
	}

	for _, p := range peers {
		p.router.Start() // panics when the mesh address is taken
	}
	for i, p := range peers {
		for _, err := range p.router.ConnectionMaker.InitiateConnections(all[i].peers, true) {
			p.logger.Printf("peer argument: %v", err)
		}
	}
	if first.sidecar != "" {
		if err := serveSidecar(peers[0].router, first.sidecar, first.deliver); err != nil {
			return err
		}
	}
	control.Say(control.Answer{
		"event":       "ready",
		"control":     controlAddress,
		"name":        first.name.String(),
		"flavour":     mesh.PeerNameFlavour,
		"maxProtocol": mesh.ProtocolMaxVersion,
		"language":    "go",
		"generation":  generation,
		"runtime":     runtime.Version(),
	})

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() { // a runner that dies takes its peers with it
		control.Serve(lineCommands(peers))
		quit()
	}()
	select {
	case <-done:
	case <-signals:
	}
	for _, p := range peers {
		_ = p.router.Stop()
	}
	// Close would cut the answer to /quit short; its connection ends with the process.
	time.Sleep(10 * time.Millisecond)
	return nil
}

// create makes a peer with its channels, which neither listens nor dials yet.
func create(options options) (*peer, error) {
	var logger mesh.Logger = log.New(os.Stderr, options.nickname+"> ", log.LstdFlags|log.Lmicroseconds)
	if options.quiet {
		logger = silent{}
	}
	var overlay mesh.Overlay = mesh.NullOverlay{}
	if options.keylog != "" {
		file, err := os.OpenFile(options.keylog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		overlay = keyLogOverlay{log: file}
	}
	router, err := newRouter(options.config, options.name, options.nickname, overlay, logger)
	if err != nil {
		return nil, err
	}
	if options.uid != 0 {
		// Nothing has read it yet: the router neither listens nor dials before Start.
		router.Ourself.UID = mesh.PeerUID(options.uid)
	}
	p := newPeer(options.counterKey, router)
	p.logger = logger
	for _, channel := range options.channels {
		if err := p.register(channel.name, channel.kind); err != nil {
			return nil, err
		}
	}
	return p, nil
}

type silent struct{}

func (silent) Printf(string, ...interface{}) {}

// lineCommands are the commands on standard input. Those about one router take its number in the field "router".
func lineCommands(peers []*peer) map[string]control.Command {
	all := benchCommands(peers)
	for name, command := range processCommands {
		all[name] = command
	}
	of := make([]map[string]control.Command, len(peers))
	for i, p := range peers {
		of[i] = postCommands(p)
		for name, command := range streamCommands(p) {
			of[i][name] = command
		}
	}
	for name := range of[0] {
		name := name
		all[name] = func(r control.Request) (control.Answer, error) {
			if r.Router < 0 || r.Router >= len(of) {
				return nil, fmt.Errorf("no router %d", r.Router)
			}
			return of[r.Router][name](r)
		}
	}
	return all
}
