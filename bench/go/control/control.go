// Package control lets the harness drive a measured program: one JSON request on each line of standard
// input, one JSON answer on each line of standard output.
package control

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"runtime/debug"
)

// Request is what the harness asks; each command reads the fields that it needs.
type Request struct {
	ID          int      `json:"id"`
	Do          string   `json:"do"`
	Router      int      `json:"router"`
	Targets     []string `json:"targets"`
	Replace     bool     `json:"replace"`
	Names       []string `json:"names"`
	Degree      *int     `json:"degree"`
	Connections int      `json:"connections"`
	To          string   `json:"to"`
	Size        int      `json:"size"`
	Seconds     float64  `json:"seconds"`
	PerSecond   float64  `json:"perSecond"`
	Receivers   int      `json:"receivers"`
	Count       int      `json:"count"`
	Password    *string  `json:"password"`
	Address     string   `json:"address"`
	File        string   `json:"file"`
	Peers       int      `json:"peers"`
	Degrees     int      `json:"links"`
	URL         string   `json:"url"`
}

// Answer is what a command found.
type Answer map[string]interface{}

// Command does one thing.
type Command func(Request) (Answer, error)

var output sync.Mutex

func say(answer Answer) {
	line, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

// Serve says that the program is ready, and obeys until standard input ends.
func Serve(commands map[string]Command) {
	say(Answer{"event": "ready"})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var request Request
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			panic(err)
		}
		go func() {
			command, found := commands[request.Do]
			if !found {
				say(Answer{"id": request.ID, "error": fmt.Sprintf("nothing is called %s", request.Do)})
				return
			}
			answer, err := command(request)
			if err != nil {
				say(Answer{"id": request.ID, "error": err.Error()})
				return
			}
			if answer == nil {
				answer = Answer{}
			}
			answer["id"] = request.ID
			say(answer)
		}()
	}
}

// Usage is the processor time used so far by this process.
func Usage(Request) (Answer, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return nil, err
	}
	ms := func(t syscall.Timeval) float64 { return float64(t.Sec)*1e3 + float64(t.Usec)/1e3 }
	return Answer{"cpuMs": ms(usage.Utime) + ms(usage.Stime)}, nil
}

// Memory is the resident memory once the garbage has been collected and given back.
func Memory(Request) (Answer, error) {
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return nil, err
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	return Answer{"residentBytes": pages * 4096}, err
}
