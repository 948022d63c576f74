package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

type moduleEntry struct {
	Key string `json:"key"`
	Dir string `json:"dir"` // relative to the root
}

type missingModule struct {
	Key     string `json:"key"`
	Source  string `json:"source"`
	Version string `json:"version"`
	File    string `json:"file"`
	Line    int    `json:"line"`
}

// installed is an entry of .terraform/modules/modules.json, which terraform init or get wrote.
type installed struct {
	Key, Source, Version, Dir string
}

type call struct {
	name, source string
	file         string
	line         int
	arguments    map[string]hcl.Expression
}

// module is one call of a folder.
type module struct {
	key    string
	folder *folder
	parent *module
	call   *call
}

func (s *survey) readInstalled() {
	s.listed = listedIn(filepath.Join(s.copier.Root, ".terraform", "modules"))
	if s.copier.Fetched != "" {
		s.fetched = listedIn(s.copier.Fetched)
	}
}

// listedIn are the modules by call path that a modules.json tells of.
func listedIn(folder string) map[string]installed {
	var noted struct{ Modules []installed }
	found := map[string]installed{}
	if readJSON(filepath.Join(folder, "modules.json"), &noted) == nil {
		for _, entry := range noted.Modules {
			found[entry.Key] = entry
		}
	}
	return found
}

func (s *survey) module(key, path string, parent *module, by *call) error {
	if strings.Count(key, ".") > 20 {
		return fmt.Errorf("modules call each other without end: %s", key)
	}
	of, err := s.folder(path)
	if err != nil {
		return err
	}
	of.calledAs++
	here := &module{key: key, folder: of, parent: parent, call: by}
	s.modules[key] = here
	if of.calledAs == 1 {
		if err := s.copyNamed(of); err != nil {
			return err
		}
	}
	for _, one := range of.calls {
		below := one.name
		if key != "" {
			below = key + "." + one.name
		}
		source, found, err := s.sourceOf(below, path, one)
		if err != nil {
			return err
		}
		if !found {
			version := literal(one.arguments["version"])
			s.Missing = append(s.Missing, missingModule{below, one.source, version, s.copier.shown(one.file), one.line})
			continue
		}
		if err := s.module(below, source, here, one); err != nil {
			return err
		}
	}
	return nil
}

// sourceOf is the folder of a called module in the copy: a local path, or what terraform init has fetched.
func (s *survey) sourceOf(key, path string, one *call) (string, bool, error) {
	if entry, ok := s.fetched[key]; ok {
		return s.fetchedPackage(entry.Dir)
	}
	if strings.HasPrefix(one.source, "./") || strings.HasPrefix(one.source, "../") {
		target := filepath.Join(path, filepath.FromSlash(one.source))
		if target != s.copier.Out && !strings.HasPrefix(target, s.copier.Out+"/") {
			return "", false, nil
		}
		if err := s.copier.tree(s.copier.from(target)); err != nil {
			return "", false, err
		}
		return target, isFolder(target), nil
	}
	entry, ok := s.listed[key]
	if !ok {
		return "", false, nil
	}
	from := entry.Dir
	if !filepath.IsAbs(from) {
		from = filepath.Join(s.copier.Root, from)
	}
	fetched := filepath.Join(s.copier.Root, ".terraform", "modules")
	if !strings.HasPrefix(from, fetched+"/") || !isFolder(from) {
		return "", false, nil
	}
	// The whole package: a module in it may call ../other.
	first, _, _ := strings.Cut(strings.TrimPrefix(from, fetched+"/"), "/")
	if err := s.copier.tree(filepath.Join(fetched, first)); err != nil {
		return "", false, err
	}
	target, _ := s.copier.to(from)
	return target, true, nil
}

// fetchedPackage copies the package that was fetched for a module; dir is the module's folder below Fetched.
func (s *survey) fetchedPackage(dir string) (string, bool, error) {
	root, _ := s.copier.to(s.copier.Root)
	first, _, _ := strings.Cut(dir, "/")
	here := filepath.Join(root, ".terraform", "modules", "fetched")
	if !isFolder(filepath.Join(here, first)) {
		if err := s.copier.linked(filepath.Join(s.copier.Fetched, first), filepath.Join(here, first)); err != nil {
			return "", false, err
		}
	}
	target := filepath.Join(here, filepath.FromSlash(dir))
	return target, isFolder(target), nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (s *survey) writeModules(root string) error {
	type entry struct {
		Key    string
		Source string
		Dir    string
	}
	entries := []entry{}
	for _, key := range sortedKeys(s.modules) {
		one := s.modules[key]
		dir, err := filepath.Rel(root, one.folder.path)
		if err != nil {
			return err
		}
		made := entry{Key: key, Dir: dir}
		if one.call != nil {
			made.Source = renamed(one.call.name)
		}
		entries = append(entries, made)
		s.Modules = append(s.Modules, moduleEntry{key, dir})
	}
	if len(entries) == 1 {
		return nil // as after terraform init: only calls make this file
	}
	text, err := json.Marshal(map[string]any{"Modules": entries})
	if err != nil {
		return err
	}
	folder := filepath.Join(root, ".terraform", "modules")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "modules.json"), text, 0o600)
}

// renamed is the source of every module call in the copy. Where the module lies, modules.json tells, so Terraform neither
// fetches it nor compares versions.
func renamed(name string) string {
	return "./gate-" + name
}
