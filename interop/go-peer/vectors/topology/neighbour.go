package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"net"

	"github.com/weaveworks/mesh"
)

// A neighbour is the far end of a real connection to a router: it does the handshake (version 2, no password) and nothing more.
type neighbour struct {
	conn net.Conn
	// Payloads of the frames that come, without their length.
	frames chan []byte
}

func connect(router string, name mesh.PeerName, features map[string]string) (*neighbour, error) {
	conn, err := net.Dial("tcp", router)
	if err != nil {
		return nil, err
	}
	all := map[string]string{
		"PeerNameFlavour": mesh.PeerNameFlavour, "Name": name.String(), "NickName": "", "UID": "1", "ConnID": "7", "Trusted": "false",
	}
	for key, value := range features {
		all[key] = value
	}
	if _, err := conn.Write([]byte("weave\x01\x02")); err != nil {
		return nil, err
	}
	header := make([]byte, 7)
	if _, err := io.ReadFull(conn, header); err != nil {
		return nil, err
	}
	if _, err := conn.Write([]byte{0}); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(conn, header[:1]); err != nil {
		return nil, err
	}
	n := &neighbour{conn: conn, frames: make(chan []byte, 64)}
	if err := n.send(gobOf(all)); err != nil {
		return nil, err
	}
	if _, err := n.receive(); err != nil {
		return nil, err
	}
	go n.receiveAll()
	return n, nil
}

func (n *neighbour) send(body []byte) error {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	_, err := n.conn.Write(append(frame, body...))
	return err
}

// gossip sends a payload on a channel, as the peer of this name.
func (n *neighbour) gossip(channel string, source mesh.PeerName, payload []byte) error {
	return n.send(append([]byte{byte(mesh.ProtocolGossip)}, gobOf(channel, source, payload)...))
}

func (n *neighbour) receive() ([]byte, error) {
	length := make([]byte, 4)
	if _, err := io.ReadFull(n.conn, length); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(length))
	_, err := io.ReadFull(n.conn, body)
	return body, err
}

func (n *neighbour) receiveAll() {
	defer close(n.frames)
	for {
		body, err := n.receive()
		if err != nil {
			return
		}
		n.frames <- body
	}
}

// discard takes all that comes from now on.
func (n *neighbour) discard() {
	go func() {
		for range n.frames {
		}
	}()
}

func gobOf(values ...any) []byte {
	var buffer bytes.Buffer
	encoder := gob.NewEncoder(&buffer)
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			panic(fmt.Sprint("cannot encode: ", err))
		}
	}
	return buffer.Bytes()
}
