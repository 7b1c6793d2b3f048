// Package control lets a harness drive a program over its standard streams: a JSON request on each line of standard
// input, a JSON answer on each line of standard output. Requests are carried out at the same time, so answers may come
// in another order. The program ends with its standard input, and so does not outlive the harness.
package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// Request is one request; each command reads the fields that it needs.
type Request struct {
	ID        int      `json:"id"`
	Do        string   `json:"do"`
	Router    int      `json:"router"`
	Channel   string   `json:"channel"`
	Kind      string   `json:"kind"`
	Peer      string   `json:"peer"`
	Peers     []string `json:"peers"`
	Replace   bool     `json:"replace"`
	Text      *string  `json:"text"`
	Base64    []byte   `json:"base64"`
	Times     int      `json:"times"`
	Count     int      `json:"count"`
	Size      int      `json:"size"`
	Seconds   float64  `json:"seconds"`
	PerSecond float64  `json:"perSecond"`
	Receivers int      `json:"receivers"`

	Names       []string `json:"names"`
	Degree      *int     `json:"degree"`
	Connections int      `json:"connections"`
	Targets     []string `json:"targets"`
	Password    *string  `json:"password"`
	Address     string   `json:"address"`
	File        string   `json:"file"`
	To          string   `json:"to"`
}

// Payload is the payload that a request gives as text or in base64; empty without either.
func (r Request) Payload() []byte {
	if r.Text != nil {
		return []byte(*r.Text)
	}
	if r.Base64 == nil {
		return []byte{}
	}
	return r.Base64
}

// Answer is the answer to a request. The fields "id" and "error" are the package's own.
type Answer map[string]interface{}

// Command carries out one request; a nil answer is an empty one.
type Command func(Request) (Answer, error)

var output sync.Mutex

// Say prints one line.
func Say(answer Answer) {
	line, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

// Serve carries out requests until standard input ends.
func Serve(commands map[string]Command) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var request Request
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			Say(Answer{"error": err.Error()})
			continue
		}
		go func() { Say(carryOut(commands, request)) }()
	}
}

func carryOut(commands map[string]Command, request Request) Answer {
	command, found := commands[request.Do]
	if !found {
		return Answer{"id": request.ID, "error": fmt.Sprintf("unknown command %q", request.Do)}
	}
	answer, err := command(request)
	if err != nil {
		return Answer{"id": request.ID, "error": err.Error()}
	}
	if answer == nil {
		answer = Answer{}
	}
	answer["id"] = request.ID
	return answer
}
