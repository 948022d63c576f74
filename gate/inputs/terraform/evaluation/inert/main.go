// Command gate-inert lets Terraform evaluate a configuration while nothing of anybody executes.
//
// Started by Terraform as terraform-provider-NAME it is the provider NAME: it serves the schema that lies beside it and
// answers from what it is told and from stand-ins; it calls nothing. Started as gate-inert it reads and copies
// configurations (copy), and confines the program that follows (confine).
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "terraform-provider-") {
		check(serve(filepath.Dir(os.Args[0])))
		return
	}
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	switch command {
	case "copy":
		check(copyCommand(os.Stdin, os.Stdout))
	case "blank":
		check(blankCommand(os.Stdin, os.Stdout))
	case "planned":
		check(plannedCommand(os.Stdin, os.Stdout))
	case "confine":
		check(confineCommand(os.Args[2:]))
	default:
		fmt.Fprintln(os.Stderr, "usage: gate-inert copy|blank|planned < REQUEST | gate-inert confine FOLDER -- PROGRAM ARGUMENT…")
		os.Exit(2)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
