// Command gobbench times Go's encoding/gob on the values of bench/gob/run.ts and prints nanoseconds as JSON.
// Arguments: seconds of warming up and of measuring, and the row.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"
)

type peerSummary struct {
	NameByte   []byte
	NickName   string
	UID        uint64
	Version    uint64
	ShortID    uint16
	HasShortID bool
}
type connectionSummary struct {
	NameByte      []byte
	RemoteTCPAddr string
	Outbound      bool
	Established   bool
}
type record struct {
	ID     int
	Name   string
	Score  float64
	Active bool
	Count  uint32
	Tags   []string
	Note   string
}

// sink keeps the compiler from leaving out what is only read.
var sink uint64

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func encodeAll(values ...any) []byte {
	var buf bytes.Buffer
	enc := gob.NewEncoder(&buf)
	for _, v := range values {
		check(enc.Encode(v))
	}
	return buf.Bytes()
}

func name(i int) []byte { return []byte{0, 0, 0, 0, byte(i >> 8), byte(i)} }

type row struct {
	name   string
	encode func() []byte
	decode func([]byte)
}

func rows() []row {
	payload := make([]byte, 256)
	for i := range payload {
		payload[i] = byte(i)
	}
	var topology []any
	for i := 0; i < 100; i++ {
		topology = append(topology, peerSummary{name(i), fmt.Sprintf("peer-%d", i), uint64(i)<<56 | 12345, uint64(i + 100), uint16(i), true})
		var connections []connectionSummary
		for j := 0; j < 100; j++ {
			if j != i {
				connections = append(connections, connectionSummary{name(j), fmt.Sprintf("10.0.%d.%d:6783", i, j), i < j, true})
			}
		}
		topology = append(topology, connections)
	}
	records := make([]record, 10000)
	for i := range records {
		records[i] = record{i * 1001, fmt.Sprintf("record number %d", i), float64(i) * 1.1, i%2 == 0, uint32(i * 7), []string{"alpha", "beta"}, ""}
	}
	ints := make([]int, 100000)
	floats := make([]float64, 100000)
	strs := make([]string, 100000)
	counts := map[string]int{}
	for i := range ints {
		ints[i] = i*i%1000003 - 500000
		floats[i] = float64(i) * 1.1
		strs[i] = fmt.Sprintf("string-%d", i)
	}
	for i := 0; i < 10000; i++ {
		counts[fmt.Sprintf("key-%d", i)] = i * 3
	}
	return []row{
		{"envelope", func() []byte { return encodeAll("default", uint64(0x112233445566), uint64(0xaabbccddeeff), payload) },
			func(b []byte) {
				dec := gob.NewDecoder(bytes.NewReader(b))
				var channel string
				var source, destination uint64
				var data []byte
				check(dec.Decode(&channel))
				check(dec.Decode(&source))
				check(dec.Decode(&destination))
				check(dec.Decode(&data))
				sink += uint64(len(channel)) + source + destination + uint64(len(data))
			}},
		{"topology", func() []byte { return encodeAll(topology...) },
			func(b []byte) {
				dec := gob.NewDecoder(bytes.NewReader(b))
				for i := 0; i < 100; i++ {
					var p peerSummary
					var cs []connectionSummary
					check(dec.Decode(&p))
					check(dec.Decode(&cs))
					sink += uint64(len(p.NameByte)+len(p.NickName)) + p.UID + p.Version + uint64(p.ShortID)
					if p.HasShortID {
						sink++
					}
					for _, c := range cs {
						sink += uint64(len(c.NameByte) + len(c.RemoteTCPAddr))
						if c.Outbound != c.Established {
							sink++
						}
					}
				}
			}},
		{"structs", func() []byte { return encodeAll(records) },
			func(b []byte) {
				var out []record
				check(gob.NewDecoder(bytes.NewReader(b)).Decode(&out))
				for _, r := range out {
					sink += uint64(r.ID) + uint64(len(r.Name)) + uint64(r.Score) + uint64(r.Count) + uint64(len(r.Tags[0])+len(r.Tags[1])+len(r.Note))
					if r.Active {
						sink++
					}
				}
			}},
		{"ints", func() []byte { return encodeAll(ints) },
			func(b []byte) {
				var out []int
				check(gob.NewDecoder(bytes.NewReader(b)).Decode(&out))
				for _, v := range out {
					sink += uint64(v)
				}
			}},
		{"floats", func() []byte { return encodeAll(floats) },
			func(b []byte) {
				var out []float64
				check(gob.NewDecoder(bytes.NewReader(b)).Decode(&out))
				for _, v := range out {
					sink += uint64(v)
				}
			}},
		{"strings", func() []byte { return encodeAll(strs) },
			func(b []byte) {
				var out []string
				check(gob.NewDecoder(bytes.NewReader(b)).Decode(&out))
				for _, v := range out {
					sink += uint64(len(v))
				}
			}},
		{"map", func() []byte { return encodeAll(counts) },
			func(b []byte) {
				var out map[string]int
				check(gob.NewDecoder(bytes.NewReader(b)).Decode(&out))
				for k, v := range out {
					sink += uint64(len(k) + v)
				}
			}},
	}
}

// median runs f for a while unmeasured, then for a while measured, in samples of about a millisecond.
func median(warm, measure time.Duration, f func()) float64 {
	count, start := 0, time.Now()
	for time.Since(start) < warm {
		f()
		count++
	}
	batch := count / int(warm/time.Millisecond)
	if batch < 1 {
		batch = 1
	}
	var samples []float64
	for start = time.Now(); time.Since(start) < measure; {
		t := time.Now()
		for i := 0; i < batch; i++ {
			f()
		}
		samples = append(samples, float64(time.Since(t).Nanoseconds())/float64(batch))
	}
	sort.Float64s(samples)
	return samples[len(samples)/2]
}

func main() {
	warm, err := strconv.ParseFloat(os.Args[1], 64)
	check(err)
	measure, err := strconv.ParseFloat(os.Args[2], 64)
	check(err)
	for _, r := range rows() {
		if r.name != os.Args[3] {
			continue
		}
		w, m := time.Duration(warm*1e9), time.Duration(measure*1e9)
		encoded := r.encode()
		check(json.NewEncoder(os.Stdout).Encode(map[string]float64{
			"encode": median(w, m, func() { sink += uint64(len(r.encode())) }),
			"decode": median(w, m, func() { r.decode(encoded) }),
			"bytes":  float64(len(encoded)),
		}))
	}
}
