package main

import (
	"bytes"
	"encoding/binary"
)

// What a message is for; its first byte. The TypeScript peer has the same numbers.
const (
	kindMessage = iota
	kindEnd
	kindPing
	kindPong
	kindLoad
	kindAck
	kindBroken
)

const smallestPayload = 16

// payloads makes and checks payloads of one size: kind, three zeros, number, a pattern, the number again.
type payloads struct {
	size    int
	pattern []byte
}

func newPayloads(size int) payloads {
	pattern := make([]byte, size)
	for i := 8; i < size-4; i++ {
		pattern[i] = byte(7 + 31*i)
	}
	return payloads{size, pattern}
}

func (p payloads) make(kind byte, number uint32) []byte {
	payload := append([]byte(nil), p.pattern...)
	p.set(payload, kind, number)
	return payload
}

func (p payloads) set(payload []byte, kind byte, number uint32) {
	payload[0] = kind
	binary.BigEndian.PutUint32(payload[4:], number)
	binary.BigEndian.PutUint32(payload[p.size-4:], number)
}

func (p payloads) isIntact(payload []byte, number uint32) bool {
	return len(payload) == p.size && numberOf(payload) == number &&
		binary.BigEndian.Uint32(payload[p.size-4:]) == number &&
		bytes.Equal(payload[8:p.size-4], p.pattern[8:p.size-4])
}

func numberOf(payload []byte) uint32 { return binary.BigEndian.Uint32(payload[4:]) }
