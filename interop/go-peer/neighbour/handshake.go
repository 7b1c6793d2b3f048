package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"
)

var peersMade, uidsMade uint64

// neighbour is our end of a connection to a peer, after the handshake of protocol version 2.
type neighbour struct {
	conn     net.Conn
	key      *[32]byte // nil: plain
	outbound bool
	sent     uint64
	received uint64
}

// shake does the handshake, as a peer of a name and UID of its own.
func shake(conn net.Conn, password *string, outbound bool) (*neighbour, error) {
	number := atomic.AddUint64(&peersMade, 1)
	name := fmt.Sprintf("02:00:00:%02x:%02x:%02x", byte(number>>16), byte(number>>8), byte(number))
	return shakeAs(name, conn, password, outbound)
}

// shakeAs does it under a given name.
func shakeAs(name string, conn net.Conn, password *string, outbound bool) (*neighbour, error) {
	n := &neighbour{conn: conn, outbound: outbound}
	if _, err := conn.Write([]byte("weave\x01\x02")); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(conn, make([]byte, 7)); err != nil {
		return nil, err
	}
	if err := n.exchangeKeys(password); err != nil {
		return nil, err
	}
	number := atomic.AddUint64(&uidsMade, 1)
	var features bytes.Buffer
	if err := gob.NewEncoder(&features).Encode(map[string]string{
		"PeerNameFlavour": "mac",
		"Name":            name,
		"NickName":        "neighbour", "UID": fmt.Sprint(number + 1), "ConnID": fmt.Sprint(number * 7919),
		"ShortID": fmt.Sprint(number % 4096), "Trusted": "false",
	}); err != nil {
		return nil, err
	}
	if err := n.send(features.Bytes()); err != nil {
		return nil, err
	}
	_, err := n.receive()
	return n, err
}

func (n *neighbour) exchangeKeys(password *string) error {
	if password == nil {
		if _, err := n.conn.Write([]byte{0}); err != nil {
			return err
		}
		_, err := io.ReadFull(n.conn, make([]byte, 1))
		return err
	}
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	if _, err := n.conn.Write(append([]byte{1}, public[:]...)); err != nil {
		return err
	}
	theirs := make([]byte, 33)
	if _, err := io.ReadFull(n.conn, theirs); err != nil {
		return err
	}
	var remote, shared [32]byte
	copy(remote[:], theirs[1:])
	box.Precompute(&shared, &remote, private)
	key := sha256.Sum256(append(shared[:], *password...))
	n.key = &key
	return nil
}

func nonce(outbound bool, number uint64) *[24]byte {
	var nonce [24]byte
	nonce[0] = 0x40
	if outbound {
		nonce[0] = 0xc0
	}
	binary.BigEndian.PutUint64(nonce[16:], number)
	return &nonce
}

func (n *neighbour) send(message []byte) error {
	if n.key != nil {
		message = secretbox.Seal(nil, message, nonce(n.outbound, n.sent), n.key)
		n.sent++
	}
	frame := make([]byte, 4, 4+len(message))
	binary.BigEndian.PutUint32(frame, uint32(len(message)))
	_, err := n.conn.Write(append(frame, message...))
	return err
}

func (n *neighbour) receive() ([]byte, error) {
	prefix := make([]byte, 4)
	if _, err := io.ReadFull(n.conn, prefix); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint32(prefix))
	if _, err := io.ReadFull(n.conn, message); err != nil || n.key == nil {
		return message, err
	}
	plain, ok := secretbox.Open(nil, message, nonce(!n.outbound, n.received), n.key)
	n.received++
	if !ok {
		return nil, fmt.Errorf("a message that does not open")
	}
	return plain, nil
}

// firstGossip waits for the topology that a peer sends to each new neighbour: then the connection counts.
func (n *neighbour) firstGossip() error {
	message, err := n.receive()
	if err == nil && (len(message) < 2 || message[0] != 4) {
		err = fmt.Errorf("no gossip, but % x", message)
	}
	return err
}
