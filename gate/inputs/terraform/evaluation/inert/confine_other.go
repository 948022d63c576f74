//go:build !linux

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
)

// confineCommand only starts the program: this system offers no confinement that the gate knows.
func confineCommand(arguments []string) error {
	if len(arguments) == 0 {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"landlock": 0, "seccomp": false})
	}
	if len(arguments) < 2 {
		return errors.New("confine takes a folder and a program")
	}
	command := exec.Command(arguments[1], arguments[2:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	return command.Run()
}
