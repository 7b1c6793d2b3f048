// Program topology asks the real weaveworks/mesh what it makes of peer names, topologies and topology updates,
// and writes the answers as the fixtures that the hermetic tests replay.
//
//	go run . names   > peer-names-mac.json
//	go run -tags 'peer_name_alternative peer_name_hash' . names > peer-names-hash.json
//	go run . routes | updates | neighbours
//
// It uses exported names of the library only, and speaks the protocol over loopback where a connection is needed.
package main

import (
	"fmt"
	"os"
)

// Seed of everything that is drawn here, so that a second run asks the same questions.
const seed = 20191105

func main() {
	commands := map[string]func() error{
		"names":      names,
	}
	if len(os.Args) != 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: topology names|routes|updates|neighbours")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
