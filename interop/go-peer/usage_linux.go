package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/weave-mesh/weave-mesh/interop/go-peer/control"
)

func init() {
	processCommands["usage"] = usage
	processCommands["memory"] = memory
}

// usage is the processor time that this process has used so far, in milliseconds.
func usage(control.Request) (control.Answer, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return nil, err
	}
	ms := func(t syscall.Timeval) float64 { return float64(t.Sec)*1e3 + float64(t.Usec)/1e3 }
	return control.Answer{"cpuMs": ms(used.Utime) + ms(used.Stime)}, nil
}

// memory is the resident memory once the garbage has been collected and given back, in bytes.
func memory(control.Request) (control.Answer, error) {
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return nil, err
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	return control.Answer{"residentBytes": pages * 4096}, err
}
