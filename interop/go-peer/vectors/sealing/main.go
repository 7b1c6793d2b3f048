// Command sealing prints test vectors for session keys and sealed messages, made with golang.org/x/crypto/nacl
// from a fixed seed: every run prints the same.
//
//	go run ./vectors/sealing > ../../fixtures/session-key/vectors.json
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"
)

const (
	seed        = "weave-mesh session key vectors, 1"
	vectorCount = 200
	// Sealed messages up to this plain length stand in the file whole, longer ones as their SHA-256.
	wholeLength = 256
)

type keyPair struct {
	Secret string `json:"secret"`
	Public string `json:"public"`
}

type vector struct {
	Dialler       keyPair `json:"dialler"`
	Acceptor      keyPair `json:"acceptor"`
	Password      string  `json:"password"`
	SessionKey    string  `json:"sessionKey"`
	SenderDialled bool    `json:"senderDialled"`
	MessageNumber string  `json:"messageNumber"`
	Nonce         string  `json:"nonce"`
	PlainSeed     string  `json:"plainSeed"`
	PlainLength   int     `json:"plainLength"`
	Sealed        string  `json:"sealed,omitempty"`
	SealedSHA256  string  `json:"sealedSha256,omitempty"`
}

// stream is SHA-256 over seed and a block counter (32 bits, big-endian), block after block.
func stream(seed []byte, length int) []byte {
	out := make([]byte, 0, length+sha256.Size)
	block := make([]byte, len(seed)+4)
	copy(block, seed)
	for i := uint32(0); len(out) < length; i++ {
		binary.BigEndian.PutUint32(block[len(seed):], i)
		sum := sha256.Sum256(block)
		out = append(out, sum[:]...)
	}
	return out[:length]
}

func draw(vector int, label string, length int) []byte {
	return stream([]byte(fmt.Sprintf("%s/%d/%s", seed, vector, label)), length)
}

func below(vector int, label string, limit uint64) int {
	return int(binary.BigEndian.Uint64(draw(vector, label, 8)) % limit)
}

func newKeyPair(vector int, label string) (public, secret [32]byte) {
	copy(secret[:], draw(vector, label, 32))
	curve25519.ScalarBaseMult(&public, &secret)
	return
}

func formSessionKey(remotePublic, localSecret *[32]byte, password []byte) [32]byte {
	var shared [32]byte
	box.Precompute(&shared, remotePublic, localSecret)
	return sha256.Sum256(append(shared[:], password...))
}

func password(i int) []byte {
	switch i % 8 {
	case 0:
		return []byte{}
	case 1:
		return []byte("secret")
	case 2:
		return []byte("pässwörd 密码")
	case 3: // not UTF-8
		return append([]byte{0xff, 0xfe, 0xc3, 0x28, 0x00}, draw(i, "password", 1+below(i, "password length", 40))...)
	case 4: // long
		return draw(i, "password", 1000+below(i, "password length", 1000))
	default:
		return draw(i, "password", 1+below(i, "password length", 64))
	}
}

func plainLength(i int) int {
	edges := []int{0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 127, 128, 129, 255, 256, 257}
	switch {
	case i < len(edges):
		return edges[i]
	case i < 120:
		return below(i, "length", 300)
	case i < 175:
		return below(i, "length", 8*1024)
	case i < 192:
		return below(i, "length", 64*1024)
	case i < 197:
		return below(i, "length", 512*1024)
	default:
		return 1024*1024 - (199 - i)
	}
}

func messageNumber(i int) uint64 {
	numbers := []uint64{0, 1, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<53 + 1, 1<<63 + 5, 1<<64 - 1}
	if i%3 != 0 {
		return numbers[(i/2)%len(numbers)]
	}
	return uint64(below(i, "message number", 100000))
}

func makeVector(i int) vector {
	diallerPublic, diallerSecret := newKeyPair(i, "dialler")
	acceptorPublic, acceptorSecret := newKeyPair(i, "acceptor")
	secret := password(i)
	key := formSessionKey(&acceptorPublic, &diallerSecret, secret)
	if formSessionKey(&diallerPublic, &acceptorSecret, secret) != key {
		log.Fatalf("vector %d: the two sides have different keys", i)
	}

	number := messageNumber(i)
	senderDialled := i%2 == 0
	var nonce [24]byte
	nonce[0] = 1 << 6
	if senderDialled {
		nonce[0] |= 1 << 7
	}
	binary.BigEndian.PutUint64(nonce[16:], number)

	plainSeed := draw(i, "plain seed", 8)
	plain := stream(plainSeed, plainLength(i))
	sealed := secretbox.Seal(nil, plain, &nonce, &key)

	v := vector{
		Dialler:       keyPair{hex.EncodeToString(diallerSecret[:]), hex.EncodeToString(diallerPublic[:])},
		Acceptor:      keyPair{hex.EncodeToString(acceptorSecret[:]), hex.EncodeToString(acceptorPublic[:])},
		Password:      hex.EncodeToString(secret),
		SessionKey:    hex.EncodeToString(key[:]),
		SenderDialled: senderDialled,
		MessageNumber: strconv.FormatUint(number, 10),
		Nonce:         hex.EncodeToString(nonce[:]),
		PlainSeed:     hex.EncodeToString(plainSeed),
		PlainLength:   len(plain),
	}
	if len(plain) <= wholeLength {
		v.Sealed = hex.EncodeToString(sealed)
	} else {
		sum := sha256.Sum256(sealed)
		v.SealedSHA256 = hex.EncodeToString(sum[:])
	}
	return v
}

func main() {
	fmt.Fprintf(os.Stderr, "%d vectors from seed %q\n", vectorCount, seed)
	fmt.Println("[")
	for i := 0; i < vectorCount; i++ {
		line, err := json.Marshal(makeVector(i))
		if err != nil {
			log.Fatal(err)
		}
		comma := ","
		if i == vectorCount-1 {
			comma = ""
		}
		fmt.Printf("%s%s\n", line, comma)
	}
	fmt.Println("]")
}
