// Command peer is one peer of a weaveworks/mesh network whose sessions are to be recorded: the original library with as
// little as possible around it. It is told what to do by JSON lines on standard input, tells what happens by JSON lines on
// standard output, and ends at the end of its input.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weaveworks/mesh"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

type peer struct {
	router   *mesh.Router
	channels map[string]*channel
	mutex    sync.Mutex
}

func run() error {
	address := flag.String("mesh", "127.0.0.1:6783", "listen and dial from here")
	nameText := flag.String("name", "", "becomes the peer name by PeerNameFromUserInput")
	nickname := flag.String("nickname", "", "nickname")
	password := flag.String("password", "", "password; none if the flag is not given")
	channels := flag.String("channels", "", "channels to register, with commas between")
	uid := flag.Uint64("uid", 0, "UID in place of a random one")
	trusted := flag.String("trusted-subnet", "", "a trusted network")
	keylog := flag.String("keylog", os.Getenv("WEAVE_MESH_KEYLOG"), "file to which session keys are appended")
	flag.Parse()

	config := mesh.Config{ProtocolMinVersion: mesh.ProtocolMinVersion}
	host, port, err := net.SplitHostPort(*address)
	if err != nil {
		return err
	}
	config.Host = host
	if config.Port, err = strconv.Atoi(port); err != nil {
		return err
	}
	flag.Visit(func(f *flag.Flag) {
		if f.Name == "password" {
			config.Password = []byte(*password)
		}
	})
	if *trusted != "" {
		_, network, err := net.ParseCIDR(*trusted)
		if err != nil {
			return err
		}
		config.TrustedSubnets = []*net.IPNet{network}
	}
	name, err := mesh.PeerNameFromUserInput(*nameText)
	if err != nil {
		return err
	}
	var overlay mesh.Overlay = mesh.NullOverlay{}
	if *keylog != "" {
		file, err := os.OpenFile(*keylog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		overlay = keyLogOverlay{log: file}
	}
	router, err := newRouter(config, name, *nickname, overlay, log.New(os.Stderr, *nickname+"> ", log.Lmicroseconds))
	if err != nil {
		return err
	}
	if *uid != 0 {
		router.Ourself.UID = mesh.PeerUID(*uid)
	}
	p := &peer{router: router, channels: map[string]*channel{}}
	for _, name := range strings.FieldsFunc(*channels, func(r rune) bool { return r == ',' }) {
		c := &channel{name: name, tell: p.tell}
		if c.send, err = newGossip(router, name, c); err != nil {
			return err
		}
		p.channels[name] = c
	}
	router.Start()
	p.tell(map[string]interface{}{
		"event": "ready", "name": name.String(), "flavour": mesh.PeerNameFlavour,
		"generation": generation, "go": runtime.Version(),
	})
	p.obey()
	return router.Stop()
}

func (p *peer) tell(event map[string]interface{}) {
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	fmt.Fprintf(os.Stdout, "%s\n", line)
}

type command struct {
	Do      string
	Channel string
	Peer    string
	Peers   []string
	Text    string
	// Size makes the payload as long as that, by repeating Text.
	Size int
}

func (p *peer) obey() {
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var c command
		if err := json.Unmarshal(line, &c); err != nil {
			p.tell(map[string]interface{}{"event": "refused", "reason": err.Error()})
			continue
		}
		answer, err := p.carryOut(c)
		if err != nil {
			p.tell(map[string]interface{}{"event": "refused", "reason": err.Error()})
			continue
		}
		answer["event"] = "done"
		p.tell(answer)
	}
}

func (p *peer) carryOut(c command) (map[string]interface{}, error) {
	answer := map[string]interface{}{}
	payload := []byte(c.Text)
	if c.Size > 0 {
		payload = bytes.Repeat(payload, c.Size/len(payload)+1)[:c.Size]
	}
	switch c.Do {
	case "connect":
		for _, err := range p.router.ConnectionMaker.InitiateConnections(c.Peers, false) {
			return nil, err
		}
		return answer, nil
	case "forget":
		p.router.ConnectionMaker.ForgetConnections(c.Peers)
		return answer, nil
	case "status":
		answer["status"] = mesh.NewStatus(p.router)
		return answer, nil
	case "sleep":
		time.Sleep(time.Duration(c.Size) * time.Millisecond)
		return answer, nil
	}
	channel, found := p.channels[c.Channel]
	if !found {
		return nil, fmt.Errorf("no channel %q", c.Channel)
	}
	switch c.Do {
	case "unicast":
		name, err := mesh.PeerNameFromString(c.Peer)
		if err != nil {
			return nil, err
		}
		return answer, channel.send.GossipUnicast(name, payload)
	case "broadcast":
		channel.send.GossipBroadcast(texts{payload})
		return answer, nil
	case "gossip":
		channel.learn(payload)
		// The older generations have it for their own use, under another name.
		switch gossip := channel.send.(type) {
		case interface{ GossipNeighbourSubset(mesh.GossipData) }:
			gossip.GossipNeighbourSubset(texts{payload})
		case interface{ Send(mesh.GossipData) }:
			gossip.Send(texts{payload})
		default:
			return nil, fmt.Errorf("channel %q cannot gossip", c.Channel)
		}
		return answer, nil
	}
	return nil, fmt.Errorf("unknown command %q", c.Do)
}
