package main

// Randomness that can be told in advance, so that what was sealed on a recorded connection can be opened. Also compiled
// into a copy of the original's example, which has no flags for it: the environment says what to do.

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/crypto/curve25519"
)

// MESH_SEED is any text that the random bytes follow from; MESH_KEYS is a file to which each secret key is appended, as a
// line of the key log that fixtures/README.md describes.
func init() {
	seed, path := os.Getenv("MESH_SEED"), os.Getenv("MESH_KEYS")
	if seed == "" || path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	key := sha256.Sum256([]byte(seed))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	rand.Reader = &seededReader{stream: cipher.NewCTR(block, make([]byte, aes.BlockSize)), keys: file}
}

// seededReader gives the same bytes for the same seed. The library draws secret keys, and nothing else, in pieces of 32
// bytes.
type seededReader struct {
	mutex  sync.Mutex
	stream cipher.Stream
	keys   io.Writer
}

func (r *seededReader) Read(p []byte) (int, error) {
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
		line := fmt.Sprintf("WEAVE_MESH_SECRET_KEY %s %s\n", hex.EncodeToString(public[:]), hex.EncodeToString(secret[:]))
		if _, err := io.WriteString(r.keys, line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
