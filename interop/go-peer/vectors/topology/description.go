package main

import (
	"bytes"
	"encoding/gob"
	"io"
)

// The two types of a topology update, with the names and fields that the library's own have.
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

type description struct {
	peerSummary
	connections []connectionSummary
}

func encodeUpdate(peers []description) []byte {
	var buffer bytes.Buffer
	encoder := gob.NewEncoder(&buffer)
	for _, peer := range peers {
		if err := encoder.Encode(peer.peerSummary); err != nil {
			panic(err)
		}
		connections := peer.connections
		if connections == nil {
			connections = []connectionSummary{}
		}
		if err := encoder.Encode(connections); err != nil {
			panic(err)
		}
	}
	return buffer.Bytes()
}

func decodeUpdate(update []byte) (peers []description, err error) {
	decoder := gob.NewDecoder(bytes.NewReader(update))
	for {
		var peer description
		if err := decoder.Decode(&peer.peerSummary); err == io.EOF {
			return peers, nil
		} else if err != nil {
			return nil, err
		}
		if err := decoder.Decode(&peer.connections); err != nil {
			return nil, err
		}
		peers = append(peers, peer)
	}
}
