// Package seeded replaces the system's randomness by bytes that follow from a text, so that what was sealed on a recorded
// connection can be opened: the library draws its secret keys, and nothing else, in pieces of 32 bytes.
//
// The environment can have it do so for a program without flags for it: MESH_SEED is the text, MESH_KEYS a file to which
// each secret key is appended, as a line of the key log that fixtures/README.md describes.
package seeded

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"

	"golang.org/x/crypto/curve25519"
)

func init() {
	seed, path := os.Getenv("MESH_SEED"), os.Getenv("MESH_KEYS")
	if seed == "" || path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	Replace(seed, func(public, secret [32]byte) {
		line := fmt.Sprintf("WEAVE_MESH_SECRET_KEY %s %s\n", hex.EncodeToString(public[:]), hex.EncodeToString(secret[:]))
		if _, err := file.WriteString(line); err != nil {
			panic(err)
		}
	})
}

// Replace makes rand.Reader give the same bytes for the same seed, and reports each pair of keys that is drawn from it.
func Replace(seed string, report func(public, secret [32]byte)) {
	key := sha256.Sum256([]byte(seed))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	rand.Reader = &reader{stream: cipher.NewCTR(block, make([]byte, aes.BlockSize)), report: report}
}

type reader struct {
	mutex  sync.Mutex
	stream cipher.Stream
	report func(public, secret [32]byte)
}

func (r *reader) Read(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for i := range p {
		p[i] = 0
	}
	r.stream.XORKeyStream(p, p)
	if len(p) == 32 {
		var public, secret [32]byte
		copy(secret[:], p)
		curve25519.ScalarBaseMult(&public, &secret)
		r.report(public, secret)
	}
	return len(p), nil
}
