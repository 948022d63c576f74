package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// notes is the file in which one process of the provider tells the gate what it made up, an object a line. Terraform
// runs a process for each provider block, and each has a number of its own.
type notes struct {
	folder string

	lock   sync.Mutex
	file   *os.File
	number int
	alike  map[string]int // resources answered, by what they have in common
}

// next is a text that no other resource gets which has the same key, in this process or another.
func (n *notes) next(key string) (string, error) {
	n.lock.Lock()
	defer n.lock.Unlock()
	if err := n.open(); err != nil {
		return "", err
	}
	n.alike[key]++
	return fmt.Sprintf("%d of %d", n.alike[key], n.number), nil
}

func (n *notes) add(entry map[string]any) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	n.lock.Lock()
	defer n.lock.Unlock()
	if err := n.open(); err != nil {
		return err
	}
	_, err = n.file.Write(append(line, '\n'))
	return err
}

// open takes the first number that no process has.
func (n *notes) open() error {
	for n.file == nil {
		made, err := os.OpenFile(filepath.Join(n.folder, fmt.Sprintf("%d.jsonl", n.number)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		switch {
		case err == nil:
			n.file = made
		case errors.Is(err, os.ErrExist):
			n.number++
		default:
			return err
		}
	}
	return nil
}
