// Command go-peer is one peer of a weaveworks/mesh network, made of nothing but the original library,
// and driven over the HTTP interface that interop/README.md describes. It prints one JSON line when it
// is ready, logs to standard error, and ends with status 0 on POST /quit, SIGTERM, SIGINT and the end
// of its standard input.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/weaveworks/mesh"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "go-peer:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	options, err := parseOptions(arguments)
	if err != nil {
		return err
	}
	logger := log.New(os.Stderr, options.nickname+"> ", log.LstdFlags|log.Lmicroseconds)
	var overlay mesh.Overlay = mesh.NullOverlay{}
	if options.keylog != "" {
		file, err := os.OpenFile(options.keylog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		overlay = keyLogOverlay{log: file}
	}
	router, err := mesh.NewRouter(options.config, options.name, options.nickname, overlay, logger)
	if err != nil {
		return err
	}
	if options.uid != 0 {
		// Nothing has read it yet: the router neither listens nor dials before Start.
		router.Ourself.UID = mesh.PeerUID(options.uid)
	}
	p := newPeer(options.counterKey, router)
	for _, channel := range options.channels {
		if err := p.register(channel, "log"); err != nil {
			return err
		}
	}
	for _, channel := range options.counters {
		if err := p.register(channel, "counter"); err != nil {
			return err
		}
	}

	done := make(chan struct{})
	var once sync.Once
	quit := func() { once.Do(func() { close(done) }) }
	listener, err := net.Listen("tcp", options.control)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: control(p, quit)}
	go func() { _ = server.Serve(listener) }()

	router.Start() // panics when the mesh address is taken
	for _, err := range router.ConnectionMaker.InitiateConnections(options.peers, true) {
		logger.Printf("peer argument: %v", err)
	}
	if err := announce(options, listener.Addr().String()); err != nil {
		return err
	}

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() { // a runner that dies takes its peers with it
		_, _ = io.Copy(io.Discard, os.Stdin)
		quit()
	}()
	select {
	case <-done:
	case <-signals:
	}
	_ = router.Stop()
	// Close would cut the answer to /quit short; its connection ends with the process.
	time.Sleep(10 * time.Millisecond)
	return nil
}

// announce prints the readiness line.
func announce(options options, control string) error {
	return json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"event":       "ready",
		"control":     control,
		"name":        options.name.String(),
		"flavour":     mesh.PeerNameFlavour,
		"maxProtocol": mesh.ProtocolMaxVersion,
		"language":    "go",
		"generation":  generation,
		"runtime":     runtime.Version(),
	})
}
