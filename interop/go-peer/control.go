package main

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
	"github.com/weaveworks/mesh"
)

// postCommands are the commands that both control interfaces have: POST /NAME over HTTP (interop/README.md), and
// {"do": NAME} on a line of standard input.
func postCommands(p *peer) map[string]control.Command {
	return map[string]control.Command{
		"unicast": func(r control.Request) (control.Answer, error) {
			channel, err := p.channel(r.Channel)
			if err != nil {
				return nil, err
			}
			destination, err := mesh.PeerNameFromString(r.Peer)
			if err != nil {
				return nil, err
			}
			return control.Answer{}, channel.GossipUnicast(destination, r.Payload())
		},
		"broadcast": func(r control.Request) (control.Answer, error) {
			channel, err := p.channel(r.Channel)
			if err != nil {
				return nil, err
			}
			channel.GossipBroadcast(logData{r.Payload()})
			return control.Answer{}, nil
		},
		"gossip": func(r control.Request) (control.Answer, error) {
			channel, err := p.channel(r.Channel)
			if err != nil {
				return nil, err
			}
			payload := r.Payload()
			p.keep(r.Channel, payload)
			gossipNeighbours(channel, logData{payload})
			return control.Answer{}, nil
		},
		"incr": func(r control.Request) (control.Answer, error) {
			counter, err := p.counter(r.Channel)
			if err != nil {
				return nil, err
			}
			for i := 1; i < r.Times; i++ {
				counter.increment()
			}
			return counterAnswer(counter.increment()), nil
		},
		"channel": func(r control.Request) (control.Answer, error) {
			return control.Answer{}, p.register(r.Channel, r.Kind)
		},
		"connect": func(r control.Request) (control.Answer, error) {
			errors := []string{}
			for _, err := range p.router.ConnectionMaker.InitiateConnections(r.Peers, r.Replace) {
				errors = append(errors, err.Error())
			}
			return control.Answer{"errors": errors}, nil
		},
		"forget": func(r control.Request) (control.Answer, error) {
			p.router.ConnectionMaker.ForgetConnections(r.Peers)
			return control.Answer{}, nil
		},
	}
}

// httpControl is the HTTP interface described in interop/README.md. quit is called after POST /quit has
// been answered.
func httpControl(p *peer, quit func()) http.Handler {
	mux := http.NewServeMux()

	get := func(path string, handle func(*http.Request) (interface{}, error)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				reply(w, http.StatusMethodNotAllowed, control.Answer{"error": "use GET"})
				return
			}
			result, err := handle(r)
			finish(w, result, err)
		})
	}
	get("/status", func(*http.Request) (interface{}, error) {
		return mesh.NewStatus(p.router), nil
	})
	get("/received", func(r *http.Request) (interface{}, error) {
		from, _ := strconv.Atoi(r.URL.Query().Get("from"))
		messages := p.received.from(from)
		return control.Answer{"messages": append([]message{}, messages...)}, nil
	})
	get("/counter", func(r *http.Request) (interface{}, error) {
		counter, err := p.counter(r.URL.Query().Get("channel"))
		if err != nil {
			return nil, err
		}
		return counterAnswer(counter.get()), nil
	})

	for name, command := range postCommands(p) {
		command := command
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) {
			var body control.Request
			if r.Method != http.MethodPost {
				reply(w, http.StatusMethodNotAllowed, control.Answer{"error": "use POST"})
				return
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				reply(w, http.StatusBadRequest, control.Answer{"error": err.Error()})
				return
			}
			result, err := command(body)
			finish(w, result, err)
		})
	}
	mux.HandleFunc("/quit", func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK, control.Answer{})
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		quit()
	})
	return mux
}

func counterAnswer(state counts) control.Answer {
	byName := map[string]int{}
	for name, n := range state {
		byName[name.String()] = n
	}
	return control.Answer{"value": state.total(), "counts": byName}
}

// finish answers with the result, or with the library's error text and status 409.
func finish(w http.ResponseWriter, result interface{}, err error) {
	if err != nil {
		reply(w, http.StatusConflict, control.Answer{"error": err.Error()})
		return
	}
	reply(w, http.StatusOK, result)
}

func reply(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
