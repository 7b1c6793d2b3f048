package main

import (
	"fmt"
	"io"

	"github.com/weaveworks/mesh"
)

// keyLogOverlay writes the session key of each connection, as a line of the key log that fixtures/README.md describes, and
// else does what the null overlay does. Where two peers trust each other's networks the library keeps the key to itself.
type keyLogOverlay struct {
	mesh.NullOverlay
	log io.Writer
}

func (o keyLogOverlay) PrepareConnection(params mesh.OverlayConnectionParams) (mesh.OverlayConnection, error) {
	if params.SessionKey != nil {
		line := fmt.Sprintf("WEAVE_MESH_SESSION_KEY %016x %x local=%v remote=%v\n",
			params.ConnUID, params.SessionKey[:], params.LocalAddr, params.RemoteAddr)
		if _, err := io.WriteString(o.log, line); err != nil {
			return nil, err
		}
	}
	return o.NullOverlay.PrepareConnection(params)
}
