package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// survey is what the text of a configuration says, for the gate.
type survey struct {
	Modules   []moduleEntry              `json:"modules"`
	Missing   []missingModule            `json:"missing"`
	Providers map[string]*providerUse    `json:"providers"` // by address: host/namespace/name
	Names     map[string]bool            `json:"names"`     // attributes mentioned anywhere
	Paths     map[string][]string        `json:"paths"`     // by type (data.TYPE): dotted paths mentioned
	Variables []variable                 `json:"variables"` // of the root
	Wanted    map[string]json.RawMessage `json:"wanted"`    // values of root variables for which resources exist
	Accounts  []string                   `json:"accounts"`  // account numbers that the text writes
	Blocks    int                        `json:"blocks"`

	copier  *copier
	modules map[string]*module // by call path: a.b
	folders map[string]*folder // by folder in the copy
	paths   map[string]map[string]bool
	listed  map[string]installed
}

type moduleEntry struct {
	Key string `json:"key"`
	Dir string `json:"dir"` // relative to the root
}

type missingModule struct {
	Key    string `json:"key"`
	Source string `json:"source"`
	File   string `json:"file"`
	Line   int    `json:"line"`
}

// providerUse is what of a provider the text uses, by type: what it writes there.
type providerUse struct {
	Provider  *written            `json:"provider"`
	Resources map[string]*written `json:"resources"`
	Data      map[string]*written `json:"data"`
	Ephemeral map[string]*written `json:"ephemeral"`
	Functions []string            `json:"functions"`
}

// written are the arguments and blocks that the text sets in blocks of one type.
type written struct {
	Attributes map[string]bool     `json:"attributes"`
	Blocks     map[string]*written `json:"blocks"`
}

func newWritten() *written {
	return &written{Attributes: map[string]bool{}, Blocks: map[string]*written{}}
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

// folder is the content of one module's folder in the copy.
type folder struct {
	path      string
	files     []*file
	required  map[string]string // local name → source
	calls     []*call
	locals    map[string]hcl.Expression
	variables []*hclsyntax.Block
	declared  map[string]bool // TYPE.NAME of managed resources
	repeats   []hcl.Expression
	outputs   map[string]bool
	calledAs  int
}

func newSurvey(c *copier) *survey {
	return &survey{
		Providers: map[string]*providerUse{}, Names: map[string]bool{}, Paths: map[string][]string{},
		Wanted: map[string]json.RawMessage{}, copier: c, modules: map[string]*module{}, folders: map[string]*folder{},
		paths: map[string]map[string]bool{}, listed: map[string]installed{},
	}
}

// load reads the root and every module it calls, writes the changed copies and modules.json.
func (s *survey) load() error {
	root, ok := s.copier.to(s.copier.Root)
	if !ok {
		return fmt.Errorf("the root lies outside of %s", s.copier.Top)
	}
	s.readInstalled()
	if err := s.module("", root, nil, nil); err != nil {
		return err
	}
	for _, key := range sortedKeys(s.modules) {
		s.use(s.modules[key])
	}
	s.Variables = s.rootVariables(s.modules[""])
	s.want()
	if err := s.stubs(root); err != nil {
		return err
	}
	for _, path := range sortedKeys(s.folders) {
		if err := s.folders[path].rewrite(s); err != nil {
			return err
		}
	}
	for kind, found := range s.paths {
		s.Paths[kind] = sortedKeys(found)
	}
	return s.writeModules(root)
}

func (s *survey) readInstalled() {
	var noted struct{ Modules []installed }
	if readJSON(filepath.Join(s.copier.Root, ".terraform", "modules", "modules.json"), &noted) != nil {
		return
	}
	for _, entry := range noted.Modules {
		s.listed[entry.Key] = entry
	}
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
			s.Missing = append(s.Missing, missingModule{below, one.source, s.copier.shown(one.file), one.line})
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

// address is a provider's full address for a source as written: https://developer.hashicorp.com/terraform/language/providers/requirements#source-addresses
func address(source string) string {
	parts := strings.Split(strings.ToLower(source), "/")
	switch len(parts) {
	case 1:
		return "registry.terraform.io/hashicorp/" + parts[0]
	case 2:
		return "registry.terraform.io/" + parts[0] + "/" + parts[1]
	}
	return strings.Join(parts, "/")
}

// provider is what is used of the provider that has a local name in a module.
func (s *survey) provider(of *folder, local string) *providerUse {
	source, ok := of.required[local]
	if !ok || local == "terraform" {
		source = local
	}
	if local == "terraform" {
		source = builtin
	}
	at := address(source)
	if s.Providers[at] == nil {
		s.Providers[at] = &providerUse{
			Provider: newWritten(), Resources: map[string]*written{}, Data: map[string]*written{}, Ephemeral: map[string]*written{},
		}
	}
	return s.Providers[at]
}

// use notes what the blocks of a module use of providers, and what they mention.
func (s *survey) use(one *module) {
	for local := range one.folder.required {
		s.provider(one.folder, local)
	}
	for _, f := range one.folder.files {
		f.each(func(kind string, labels []string, body *shape) {
			s.Blocks++
			switch {
			case (kind == "resource" || kind == "data" || kind == "ephemeral") && len(labels) == 2:
				local := body.provider
				if local == "" {
					local, _, _ = strings.Cut(labels[0], "_")
				}
				of := s.provider(one.folder, local)
				types := map[string]map[string]*written{"resource": of.Resources, "data": of.Data, "ephemeral": of.Ephemeral}[kind]
				if types[labels[0]] == nil {
					types[labels[0]] = newWritten()
				}
				types[labels[0]].add(body.written, kind)
			case kind == "provider" && len(labels) == 1:
				s.provider(one.folder, labels[0]).Provider.add(body.written, kind)
			}
		})
		for _, mentioned := range f.traversals() {
			s.mention(mentioned)
		}
		for _, function := range f.functions() {
			if parts := strings.Split(function, "::"); len(parts) == 3 && parts[0] == "provider" {
				of := s.provider(one.folder, parts[1])
				if i := sort.SearchStrings(of.Functions, parts[2]); i == len(of.Functions) || of.Functions[i] != parts[2] {
					of.Functions = append(of.Functions, parts[2])
					sort.Strings(of.Functions)
				}
			}
		}
		s.Accounts = append(s.Accounts, accountNumbers(f.text)...)
	}
}

var metaArguments = map[string]bool{
	"count": true, "for_each": true, "provider": true, "depends_on": true, "lifecycle": true, "providers": true,
	"connection": true, "provisioner": true, "alias": true, "version": true,
}

func (w *written) add(other *written, kind string) {
	for name := range other.Attributes {
		if !metaArguments[name] || (name == "version" && kind != "provider") || (name == "alias" && kind != "provider") {
			w.Attributes[name] = true
		}
	}
	for name, inner := range other.Blocks {
		if metaArguments[name] {
			continue
		}
		if w.Blocks[name] == nil {
			w.Blocks[name] = newWritten()
		}
		w.Blocks[name].add(inner, "")
	}
}

// mention notes the attributes of a traversal, and below which type they are read.
func (s *survey) mention(steps []string) {
	for _, step := range steps {
		s.Names[step] = true
	}
	kind, from := "", 2
	switch {
	case len(steps) > 3 && (steps[0] == "data" || steps[0] == "ephemeral"):
		kind, from = steps[0]+"."+steps[1], 3
	case len(steps) > 2:
		kind = steps[0]
	default:
		return
	}
	rest := steps[from:]
	if s.paths[kind] == nil {
		s.paths[kind] = map[string]bool{}
	}
	s.paths[kind][strings.Join(rest, ".")] = true
	// An instance key stands between: TYPE.NAME["key"].attribute and TYPE.NAME[0].attribute.
	if len(rest) > 1 {
		s.paths[kind][strings.Join(rest[1:], ".")] = true
	}
}
