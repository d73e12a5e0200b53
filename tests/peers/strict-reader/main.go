// Reads an OCI layout that holds one release, with the readers of those who wrote the rules: the
// schemas of OCI's image specification, Sigstore's bundle parser, and in-toto's own types.
//
//	strict-reader LAYOUT
//
// Prints one line for each piece of evidence, `SUBJECT PREDICATE-TYPE`. Every deviation is told on
// standard error, and the exit code is then 1.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: strict-reader LAYOUT")
		os.Exit(2)
	}
	layout := &layout{folder: os.Args[1]}
	layout.read()
	for _, piece := range layout.pieces {
		fmt.Println(piece.subject, piece.predicateType)
	}
	for _, deviation := range layout.deviations {
		fmt.Fprintln(os.Stderr, "deviation:", deviation)
	}
	if len(layout.deviations) > 0 {
		os.Exit(1)
	}
}

// A layout, what was found in it, and what is wrong with it.
type layout struct {
	folder     string
	pieces     []piece
	deviations []string
}

// A piece of evidence.
type piece struct {
	subject, predicateType string
}

func (l *layout) deviates(where, rule string, detail any) {
	l.deviations = append(l.deviations, fmt.Sprintf("%s: %s: %v", where, rule, detail))
}

func (l *layout) path(parts ...string) string {
	return filepath.Join(append([]string{l.folder}, parts...)...)
}
