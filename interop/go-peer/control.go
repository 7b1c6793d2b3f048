package main

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/weaveworks/mesh"
)

// request is the body of every POST; each uses the fields that it needs.
type request struct {
	Channel string   `json:"channel"`
	Kind    string   `json:"kind"`
	Peer    string   `json:"peer"`
	Peers   []string `json:"peers"`
	Replace bool     `json:"replace"`
	Text    *string  `json:"text"`
	Base64  []byte   `json:"base64"`
	Times   int      `json:"times"`
}

func (r request) payload() []byte {
	if r.Text != nil {
		return []byte(*r.Text)
	}
	if r.Base64 == nil {
		return []byte{}
	}
	return r.Base64
}

type answer map[string]interface{}

// control is the HTTP interface described in interop/README.md. quit is called after POST /quit has
// been answered.
func control(p *peer, quit func()) http.Handler {
	mux := http.NewServeMux()

	get := func(path string, handle func(*http.Request) (interface{}, error)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				reply(w, http.StatusMethodNotAllowed, answer{"error": "use GET"})
				return
			}
			result, err := handle(r)
			finish(w, result, err)
		})
	}
	post := func(path string, handle func(request) (interface{}, error)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			var body request
			if r.Method != http.MethodPost {
				reply(w, http.StatusMethodNotAllowed, answer{"error": "use POST"})
				return
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				reply(w, http.StatusBadRequest, answer{"error": err.Error()})
				return
			}
			result, err := handle(body)
			finish(w, result, err)
		})
	}

	get("/status", func(*http.Request) (interface{}, error) {
		return mesh.NewStatus(p.router), nil
	})
	get("/received", func(r *http.Request) (interface{}, error) {
		from, _ := strconv.Atoi(r.URL.Query().Get("from"))
		messages := p.received.from(from)
		return answer{"messages": append([]message{}, messages...)}, nil
	})
	get("/counter", func(r *http.Request) (interface{}, error) {
		counter, err := p.counter(r.URL.Query().Get("channel"))
		if err != nil {
			return nil, err
		}
		return counterAnswer(counter.get()), nil
	})

	post("/unicast", func(body request) (interface{}, error) {
		channel, err := p.channel(body.Channel)
		if err != nil {
			return nil, err
		}
		destination, err := mesh.PeerNameFromString(body.Peer)
		if err != nil {
			return nil, err
		}
		return answer{}, channel.GossipUnicast(destination, body.payload())
	})
	post("/broadcast", func(body request) (interface{}, error) {
		channel, err := p.channel(body.Channel)
		if err != nil {
			return nil, err
		}
		channel.GossipBroadcast(logData{body.payload()})
		return answer{}, nil
	})
	post("/gossip", func(body request) (interface{}, error) {
		channel, err := p.channel(body.Channel)
		if err != nil {
			return nil, err
		}
		gossipNeighbours(channel, logData{body.payload()})
		return answer{}, nil
	})
	post("/incr", func(body request) (interface{}, error) {
		counter, err := p.counter(body.Channel)
		if err != nil {
			return nil, err
		}
		for i := 1; i < body.Times; i++ {
			counter.increment()
		}
		return counterAnswer(counter.increment()), nil
	})
	post("/channel", func(body request) (interface{}, error) {
		return answer{}, p.register(body.Channel, body.Kind)
	})
	post("/connect", func(body request) (interface{}, error) {
		errors := []string{}
		for _, err := range p.router.ConnectionMaker.InitiateConnections(body.Peers, body.Replace) {
			errors = append(errors, err.Error())
		}
		return answer{"errors": errors}, nil
	})
	post("/forget", func(body request) (interface{}, error) {
		p.router.ConnectionMaker.ForgetConnections(body.Peers)
		return answer{}, nil
	})
	mux.HandleFunc("/quit", func(w http.ResponseWriter, r *http.Request) {
		reply(w, http.StatusOK, answer{})
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		quit()
	})
	return mux
}

func counterAnswer(state counts) answer {
	byName := map[string]int{}
	for name, n := range state {
		byName[name.String()] = n
	}
	return answer{"value": state.total(), "counts": byName}
}

// finish answers with the result, or with the library's error text and status 409.
func finish(w http.ResponseWriter, result interface{}, err error) {
	if err != nil {
		reply(w, http.StatusConflict, answer{"error": err.Error()})
		return
	}
	reply(w, http.StatusOK, result)
}

func reply(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
