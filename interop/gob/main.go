// Command gobcorpus makes the gob corpus of this repository and checks what TypeScript has encoded.
//
//	gobcorpus make DIR            write the hand-picked cases, each by a fresh process, and the manifest
//	gobcorpus case NAME           (used by make) print one case
//	gobcorpus random SEED COUNT   print COUNT random cases, one JSON object a line
//	gobcorpus malformed           read malformed.json and report the streams that Go decodes
//	gobcorpus verify              read {"name", "hex"} lines, decode each into the case's types and compare
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

// entry is one case as it is stored.
type entry struct {
	Name  string            `json:"name"`
	Hex   string            `json:"hex"`
	Lines []json.RawMessage `json:"lines"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gobcorpus:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "make":
		return makeCorpus(args[1])
	case len(args) == 2 && args[0] == "case":
		for _, c := range allCases() {
			if c.name == args[1] {
				return json.NewEncoder(os.Stdout).Encode(encodeCase(c))
			}
		}
		return fmt.Errorf("no case %q", args[1])
	case len(args) == 3 && args[0] == "random":
		seed, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return err
		}
		count, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return printRandom(seed, count)
	case len(args) == 1 && args[0] == "malformed":
		return checkMalformed(os.Stdin)
	case len(args) == 1 && args[0] == "verify":
		return verify(os.Stdin)
	}
	return fmt.Errorf("usage: gobcorpus make DIR | case NAME | random SEED COUNT | malformed | verify")
}

// encodeCase encodes with one encoder. Maps come in random order, so of many tries the first in byte order
// is kept: with up to eight entries that is the same each time.
func encodeCase(c testCase) entry {
	var best []byte
	for try := 0; try < tries(c); try++ {
		var buf bytes.Buffer
		enc := gob.NewEncoder(&buf)
		for _, v := range c.values {
			if err := enc.Encode(v); err != nil {
				panic(fmt.Sprintf("%s: %v", c.name, err))
			}
		}
		if best == nil || bytes.Compare(buf.Bytes(), best) < 0 {
			best = buf.Bytes()
		}
	}
	names := newWireNames()
	e := entry{Name: c.name, Hex: hex.EncodeToString(best)}
	for _, v := range c.values {
		e.Lines = append(e.Lines, json.RawMessage(names.line(v)))
	}
	return e
}

func tries(c testCase) int {
	for _, v := range c.values {
		if strings.Contains(fmt.Sprintf("%#v", v), "map[") {
			return 500
		}
	}
	return 1
}

type manifest struct {
	Program string         `json:"program"`
	Command string         `json:"command"`
	Go      string         `json:"go"`
	Cases   int            `json:"cases"`
	Groups  map[string]int `json:"groups"`
}

func makeCorpus(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	groups := map[string][]entry{}
	m := manifest{"interop/gob", "go run . make ../../fixtures/gob", runtime.Version(), 0, map[string]int{}}
	for _, c := range allCases() {
		out, err := exec.Command(self, "case", c.name).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		var e entry
		if err := json.Unmarshal(out, &e); err != nil {
			return err
		}
		group := c.name[:strings.IndexByte(c.name, '/')]
		groups[group] = append(groups[group], e)
		m.Cases++
		m.Groups[group]++
	}
	for group, entries := range groups {
		sort.Slice(entries, func(i, j int) bool { return entries[i].Name < entries[j].Name })
		var buf bytes.Buffer
		buf.WriteString("[\n")
		for i, e := range entries {
			if i > 0 {
				buf.WriteString(",\n")
			}
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			buf.Write(line)
		}
		buf.WriteString("\n]\n")
		if err := os.WriteFile(filepath.Join(dir, group+".json"), buf.Bytes(), 0o644); err != nil {
			return err
		}
	}
	out, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), append(out, '\n'), 0o644)
}
