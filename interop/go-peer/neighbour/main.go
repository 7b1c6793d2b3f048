// Command neighbour is what handshakes are measured against, the same for both languages: it does the handshake
// of protocol version 2, waits for the first gossip, and goes.
package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
)

func main() {
	control.Say(control.Answer{"event": "ready"})
	control.Serve(map[string]control.Command{
		"dial": dial, "listen": listen, "shaken": shaken, "hold": hold, "tell": tell, "release": release,
	})
}

// dial does count handshakes with each of the targets, one after the other.
func dial(r control.Request) (control.Answer, error) {
	failures := make(chan error, len(r.Targets))
	for _, target := range r.Targets {
		go func(target string) {
			for i := 0; i < r.Count; i++ {
				n, err := connect(target, r.Password)
				if err == nil {
					err = n.firstGossip()
				}
				if err != nil {
					failures <- fmt.Errorf("handshake %d with %s: %w", i, target, err)
					return
				}
				n.conn.Close()
			}
			failures <- nil
		}(target)
	}
	for range r.Targets {
		if err := <-failures; err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func connect(target string, password *string) (*neighbour, error) {
	conn, err := net.Dial("tcp", target)
	if err != nil {
		return nil, err
	}
	return shake(conn, password, true)
}

var (
	mutex    sync.Mutex
	shakenUp int
	failure  error
	held     []*neighbour
)

// listen accepts connections on all loopback addresses and does a handshake on each.
func listen(r control.Request) (control.Answer, error) {
	listener, err := net.Listen("tcp", r.Address)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				n, err := shake(conn, r.Password, false)
				if err == nil {
					err = n.firstGossip()
				}
				conn.Close()
				mutex.Lock()
				defer mutex.Unlock()
				if err != nil {
					failure = err
				} else {
					shakenUp++
				}
			}()
		}
	}()
	return control.Answer{"port": listener.Addr().(*net.TCPAddr).Port}, nil
}

// shaken answers when that many handshakes have been done since the last answer.
func shaken(r control.Request) (control.Answer, error) {
	for {
		mutex.Lock()
		done, err := shakenUp, failure
		if done >= r.Count {
			shakenUp = 0
		}
		failure = nil
		mutex.Unlock()
		if err != nil {
			return nil, err
		}
		if done >= r.Count {
			return control.Answer{"count": done}, nil
		}
		time.Sleep(time.Millisecond)
	}
}

// hold opens connections, as so many peers, and keeps them.
func hold(r control.Request) (control.Answer, error) {
	for i := 0; i < r.Count; i++ {
		n, err := connect(r.Targets[0], r.Password)
		if err != nil {
			return nil, err
		}
		keep(n)
	}
	return nil, nil
}

func keep(n *neighbour) {
	mutex.Lock()
	held = append(held, n)
	mutex.Unlock()
	go io.Copy(io.Discard, n.conn)
}

// tell connects under a name and sends the topology update in a file.
func tell(r control.Request) (control.Answer, error) {
	update, err := os.ReadFile(r.File)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", r.Targets[0])
	if err != nil {
		return nil, err
	}
	n, err := shakeAs(r.To, conn, r.Password, true)
	if err != nil {
		return nil, err
	}
	keep(n)
	number, err := strconv.ParseUint(strings.ReplaceAll(r.To, ":", ""), 16, 64)
	if err != nil {
		return nil, err
	}
	var message bytes.Buffer
	message.WriteByte(4)
	encoder := gob.NewEncoder(&message)
	for _, value := range []interface{}{"topology", number, update} {
		if err := encoder.Encode(value); err != nil {
			return nil, err
		}
	}
	return nil, n.send(message.Bytes())
}

// release closes all that is held.
func release(control.Request) (control.Answer, error) {
	mutex.Lock()
	defer mutex.Unlock()
	for _, n := range held {
		n.conn.Close()
	}
	held = nil
	return nil, nil
}
