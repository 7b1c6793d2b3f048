package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/weaveworks/mesh"
)

// Input is text, or hex of bytes that are not UTF-8. One of Name and Error is the answer.
type nameCase struct {
	Text  *string `json:"text,omitempty"`
	Hex   string  `json:"hex,omitempty"`
	Name  *string `json:"name,omitempty"`
	Error string  `json:"error,omitempty"`
}

func names() error {
	fixture := struct {
		Flavour       string      `json:"flavour"`
		FromString    []nameCase  `json:"fromString"`
		FromUserInput []nameCase  `json:"fromUserInput"`
		FromBin       [][2]string `json:"fromBin"`
	}{Flavour: mesh.PeerNameFlavour}

	inputs := append(oddNames(), drawnNames(2000)...)
	for _, input := range inputs {
		fixture.FromString = append(fixture.FromString, ask(input, mesh.PeerNameFromString))
	}
	for _, input := range oddNames() {
		fixture.FromUserInput = append(fixture.FromUserInput, ask(input, mesh.PeerNameFromUserInput))
	}
	for _, bin := range []string{"", "01", "0102", "0102030405", "010203040506", "fffefdfcfbfa", "01020304050607", "ff01020304050607",
		"00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff00"} {
		bytes, _ := hex.DecodeString(bin)
		fixture.FromBin = append(fixture.FromBin, [2]string{bin, mesh.PeerNameFromBin(bytes).String()})
	}
	return writeLines(fixture)
}

func ask(input string, parse func(string) (mesh.PeerName, error)) nameCase {
	var answer nameCase
	if utf8.ValidString(input) {
		answer.Text = &input
	} else {
		answer.Hex = hex.EncodeToString([]byte(input))
	}
	if name, err := parse(input); err != nil {
		answer.Error = err.Error()
	} else {
		// The name of the peer it is given to, which is what the mesh sees of it.
		text := strings.ToLower(name.String())
		answer.Name = &text
	}
	return answer
}

func oddNames() []string {
	return []string{
		"", "::", ":", ":::", "::::", " ", "\x00", "::\x00", "1", "12", "123", "1:2:3:4:5:6", "01:02:03:04:05:06", "aA:bB:cC:dD:eE:fF",
		"1:2:3:4:5", "1:2:3:4:5:", ":1:2:3:4:5", "1:2:3:4:5:6:", "1:2:3:4:5:6:7", "1:2:3:4:5:67", "1:2:3:4:5:678", "123::", "12::garbage",
		"::1", "::1:2", "::1:2:3", "::1:2:3:4", "::1:2:3:4:5", "::1:2:3:4:5:6", "1::", "1:2::", "1:2:3::", "1:2:3:4::", "1:2:3:4:5::",
		"1::2", "1::2:3", "1::2:3:4", "1::2:3:4:5", "1:2::3", "1:2::3:4", "1:2::3:4:5", "1:2:3::4", "1:2:3::4:5", "1:2:3:4::5", "1::2::3",
		"1:::2", ":::1", "1:::", "::1::", "0::0", "::0", "0::", "0:0:0:0:0:0",
		" 1:2:3:4:5:6", "1: 2:3:4:5:6", "1:2:3:4:5: 6", "1:2:3:4:5:6 ", "1 :2:3:4:5:6", "1:2:3:4:5:\t6", "1:2:3:4:5:\v6", "1:2:3:4:5:\f6",
		"1:2:3:4:5:\r6", "1:2:3:4:5:\n6", "1:2:3:4:5:\r\n6", "1:2:3:4:5:\r\r6", "\n1::", "\r1::", " \t 1:: 2", " ::1", ":: 1", ": :1", "1:: ", "1 ::",
		"1:2:3:4:5:\u00856", "1:2:3:4:5:\u00a06", "1:2:3:4:5:\u16806", "1:2:3:4:5:\u180e6", "1:2:3:4:5:\u20006", "1:2:3:4:5:\u200a6",
		"1:2:3:4:5:\u200b6", "1:2:3:4:5:\u20286", "1:2:3:4:5:\u20296", "1:2:3:4:5:\u202f6", "1:2:3:4:5:\u205f6", "1:2:3:4:5:\u30006",
		"1:2:3:4:5:\ufeff6", "\ufeff1:2:3:4:5:6", "1:2:3:4:5:\x856", "1:2:3:4:5:\xa06", "1:2:3:4:5:\xc26", "\xff", "\xff\xfe::", "1::\x00\xff",
		"1::\x00", "1::\x00garbage", "1::\x00::2", "::1\x00", "1:2:3:4:5:6\x00", "1:2:3:4:5:6\x00\x00", "1:2:3:4:5\x006", "\x001::", "1\x00::", "1:\x00:", "1::\n", "1::\r",
		"+1::", "-1::", "1:-2::", "0x1::", "0x:1::", "x1::", "1_2::", "g::", "1::g", "1::G", "１::", "1:：2", "1-2-3-4-5-6", "1.2.3.4.5.6", "010203040506", "0102.0304.0506",
		"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "FF:FF:FF:FF:FF:FF", "\"quoted\"", "back\\slash", "bell\a\b\f\n\r\t\v", "del\x7f", "soft\u00adhyphen", "é", "日本", "\u0301",
		"\U0001f600", "\U000e0001", "\ufffd", "\u200b", "\u2028", "\u00a0", "tab\there", "nul\x00here", "\xc3\x28", "\xed\xa0\x80", "\xf0\x9f\x98", "\xc0\x80", "a\xf4\x90\x80\x80b",
		"00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF", "0", "00", "000", "zz", "0z", "z0", "00z", "000z", "é0", "0é", "00é", "0\xff", "\xff0", "00 ", " 00", "0\n0", "0\x7f", "0\u00ad",
	}
}

// Names made of pieces, about a third of them right.
func drawnNames(count int) []string {
	random := rand.New(rand.NewSource(seed))
	digits := []string{"1", "0", "a", "F0", "09", "Bc", "7", "d", "E1", "00"}
	odd := []string{"", " ", "\t", "\r", "\n", "\x00", "\u00a0", "\u0085", "\u3000", "g", "123", "+1", "-", "0x", "::", ":", ".", "\xff", "é", "\v "}
	result := make([]string, 0, count)
	for len(result) < count {
		var pieces []string
		groups := 1 + random.Intn(6)
		elided := random.Intn(groups + 1)
		if random.Intn(3) == 0 {
			groups, elided = 6, -1
		}
		for i := 0; i <= groups; i++ {
			if i == elided {
				pieces = append(pieces, "::")
			} else if i > 0 && i < groups {
				pieces = append(pieces, ":")
			}
			if i < groups {
				pieces = append(pieces, digits[random.Intn(len(digits))])
			}
		}
		for changes := random.Intn(3); changes > 0; changes-- {
			at := random.Intn(len(pieces) + 1)
			piece := odd[random.Intn(len(odd))]
			pieces = append(pieces[:at], append([]string{piece}, pieces[at:]...)...)
		}
		result = append(result, strings.Join(pieces, ""))
	}
	return result
}

// JSON with one case a line, so that differences between two runs can be read.
func writeLines(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, strings.ReplaceAll(strings.ReplaceAll(string(text), `},{`, "},\n{"), `],"`, "],\n\""))
	return err
}

// bin gives the bytes of a name, which the library has for itself only.
func bin(name mesh.PeerName) []byte {
	bytes, err := hex.DecodeString(strings.ReplaceAll(name.String(), ":", ""))
	if err != nil {
		panic(err)
	}
	return bytes
}
