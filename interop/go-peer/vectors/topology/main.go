// Program topology asks the real weaveworks/mesh what it makes of peer names, topologies and topology updates,
// and writes the answers as the fixtures that the hermetic tests replay. See make-fixtures.sh.
//
// It uses exported names of the library only, and speaks the protocol over loopback where a connection is needed.
package main

import (
	"fmt"
	"os"
)

// Seed of everything that is drawn here, so that a second run asks the same questions.
// (What the library itself draws, short IDs and neighbours, differs each time.)
const seed = 20191105

func main() {
	commands := map[string]func() error{
		"names":      names,
		"routes":     routes,
		"updates":    updates,
		"neighbours": neighbours,
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
