// Command go-text prints, as JSON, how Go quotes strings: the code points that strconv.IsPrint takes, those that Go's
// Unicode version does not assign, and strconv.Quote of byte strings in hex. It needs nothing but the standard library:
//
//	go run main.go > ../../fixtures/go-text/quoted.json
package main

import (
	"encoding/hex"
	"encoding/json"
	"log"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"unicode"
)

func main() {
	// From Go 1.25 on unicode.C has the unassigned code points, too.
	assigned := []*unicode.RangeTable{
		unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs,
	}
	err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"madeWith":   runtime.Version(),
		"unicode":    unicode.Version,
		"printable":  ranges(strconv.IsPrint),
		"unassigned": ranges(func(r rune) bool { return !unicode.In(r, assigned...) }),
		"quoted":     quoted(),
	})
	if err != nil {
		log.Fatal(err)
	}
}

// ranges returns the first and last code points of each run for which in holds. Surrogates are left out.
func ranges(in func(rune) bool) [][2]rune {
	runs := [][2]rune{}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if (r >= 0xd800 && r <= 0xdfff) || !in(r) {
			continue
		}
		if n := len(runs); n > 0 && runs[n-1][1] == r-1 {
			runs[n-1][1] = r
		} else {
			runs = append(runs, [2]rune{r, r})
		}
	}
	return runs
}

// quoted returns pairs of a byte string in hex and its quoted form: all bytes, and random mixtures of bytes and characters.
func quoted() [][2]string {
	random := rand.New(rand.NewSource(1))
	pairs := [][2]string{}
	add := func(bytes []byte) {
		pairs = append(pairs, [2]string{hex.EncodeToString(bytes), strconv.Quote(string(bytes))})
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	add(every)
	for i := 0; i < 120; i++ {
		bytes := []byte{}
		for j := 0; j < 1+random.Intn(20); j++ {
			switch random.Intn(4) {
			case 0:
				bytes = append(bytes, byte(random.Intn(256)))
			case 1:
				bytes = append(bytes, string(rune(random.Intn(0x300)))...)
			case 2:
				bytes = append(bytes, string(rune(random.Intn(0x3000)))...)
			case 3:
				bytes = append(bytes, string(rune(0x10000+random.Intn(0xf0000)))...)
			}
		}
		add(bytes)
	}
	return pairs
}
