package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// request asks for a private copy of a configuration, changed so that Terraform can plan it here.
type request struct {
	Root string `json:"root"` // the root module
	Top  string `json:"top"`  // the folder whose inside modules and files may be named: the repository
	Out  string `json:"out"`  // an empty folder; the copy of Top
	// Whole: copy everything below Top, when it is small; else the root, its modules and what their text names.
	Whole     bool   `json:"whole"`
	Product   string `json:"product"` // terraform or tofu
	Workspace string `json:"workspace"`
	Now       string `json:"now"` // what plantimestamp() says
	// Decoys: files that a checkout may have and that are not copied are there, and empty.
	Decoys bool `json:"decoys"`
	// Fetched: a folder of packages that were fetched for this copy, with a modules.json as Terraform's; or "".
	Fetched string `json:"fetched"`
}

// most files and bytes of a repository that is copied whole.
const mostFiles, mostBytes = 500, 16 << 20

func copyCommand(in io.Reader, out io.Writer) error {
	var asked struct {
		Copies []request `json:"copies"`
	}
	if err := json.NewDecoder(in).Decode(&asked); err != nil {
		return err
	}
	surveys, failures := make([]*survey, len(asked.Copies)), make([]error, len(asked.Copies))
	var both sync.WaitGroup
	for i, one := range asked.Copies {
		both.Go(func() { surveys[i], failures[i] = copied(one) })
	}
	both.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(surveys[0])
}

func copied(asked request) (*survey, error) {
	c := &copier{request: asked, done: map[string]bool{}}
	if asked.Whole && small(asked.Top) {
		if err := c.tree(asked.Top); err != nil {
			return nil, err
		}
	} else if err := c.tree(asked.Root); err != nil {
		return nil, err
	}
	found := newSurvey(c)
	if err := found.load(); err != nil {
		return nil, err
	}
	return found, c.decoys()
}

type copier struct {
	request
	done map[string]bool // folders copied with all that is below them
}

// to is where a path of the source lies in the copy; false outside of Top.
func (c *copier) to(path string) (string, bool) {
	inside, err := filepath.Rel(c.Top, path)
	if err != nil || inside == ".." || strings.HasPrefix(inside, "../") {
		return "", false
	}
	return filepath.Join(c.Out, inside), true
}

func (c *copier) from(copied string) string {
	inside, _ := filepath.Rel(c.Out, copied)
	return filepath.Join(c.Top, inside)
}

// left out of every copy: what Terraform or others would run or trust, and what only weighs.
func leftOut(name string) bool {
	switch name {
	case ".git", ".terraform", ".terraform.lock.hcl", "terraform.d", "node_modules", ".venv", ".terragrunt-cache",
		"terraform.tfstate.d", "terraform.rc", ".terraformrc":
		return true
	}
	return strings.HasPrefix(name, "terraform-provider-") || strings.HasPrefix(name, "terraform-provisioner-") ||
		strings.HasSuffix(name, ".tfstate") || strings.HasSuffix(name, ".tfstate.backup") ||
		strings.HasSuffix(name, ".tftest.hcl") || strings.HasSuffix(name, ".tftest.json") ||
		strings.HasSuffix(name, ".tfplan")
}

// tree copies a folder with all that is below it.
func (c *copier) tree(folder string) error {
	for above := folder; len(above) >= len(c.Top); above = filepath.Dir(above) {
		if c.done[above] {
			return nil
		}
	}
	c.done[folder] = true
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if path != folder && leftOut(entry.Name()) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			target, ok := c.to(path)
			if !ok {
				return filepath.SkipDir
			}
			return os.MkdirAll(target, 0o700)
		}
		return c.file(path)
	})
}

// file copies one regular file, or what a link names inside of Top. Nothing is ever linked, and no file is executable.
func (c *copier) file(path string) error {
	target, ok := c.to(path)
	if !ok {
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil
	}
	if real != path && !c.linkable(real) {
		return nil
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil
	}
	if info.IsDir() && real != path {
		return c.linked(real, target)
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	return put(real, target)
}

// linkable tells whether a link may lead there: inside of the repository, or of the root where there is none.
func (c *copier) linkable(real string) bool {
	within := c.Root
	if c.Whole {
		within = c.Top
	}
	return strings.HasPrefix(real, within+"/")
}

// linked copies a folder without the links in it: the one behind a link, or a package that was fetched.
func (c *copier) linked(real, target string) error {
	return filepath.WalkDir(real, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || leftOut(entry.Name()) {
			if err == nil && entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		inside, err := filepath.Rel(real, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(target, inside), 0o700)
		}
		if entry.Type().IsRegular() {
			return put(path, filepath.Join(target, inside))
		}
		return nil
	})
}

func put(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return nil // unreadable to us: Terraform says what it misses
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return fmt.Errorf("%s: %w", from, err)
	}
	return out.Close()
}

func small(top string) bool {
	files, bytes := 0, int64(0)
	tooMuch := errors.New("too much")
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if path != top && leftOut(entry.Name()) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := entry.Info(); err == nil && entry.Type().IsRegular() {
			files, bytes = files+1, bytes+info.Size()
		}
		if files > mostFiles || bytes > mostBytes {
			return tooMuch
		}
		return nil
	})
	return err == nil
}
