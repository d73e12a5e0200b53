// The Notary Project's own libraries as a program: it makes certificates, signs and verifies, and
// plays AWS Signer's plugin with an answer that it is told.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
)

var commands = map[string]func(context.Context, []string) error{
	"authority": authority,
	"check":     check,
	"seal":      seal,
	"sign":      sign,
	"verify":    verify,
	"version":   version,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: notation authority|check|seal|sign|verify|version ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](context.Background(), os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// version prints the versions of the modules that do the work.
func version(context.Context, []string) error {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/notaryproject/notation-go", "github.com/notaryproject/notation-core-go":
			fmt.Println(module.Path, module.Version)
		}
	}
	return nil
}
