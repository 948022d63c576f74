package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	tfaddr "github.com/hashicorp/terraform-registry-address"
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
	listed  map[string]installed // what terraform init has fetched, by call path
	fetched map[string]installed // what the gate has fetched
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
	builtin   bool // something of Terraform's own provider is used
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

// address is a provider's address for a source as written, read as Terraform reads it; false where it refuses it.
// https://developer.hashicorp.com/terraform/language/providers/requirements#source-addresses
func (s *survey) address(source string) (tfaddr.Provider, bool) {
	found, err := tfaddr.ParseProviderSource(source)
	if err != nil {
		return found, false
	}
	if found.Namespace == tfaddr.UnknownProviderNamespace {
		found.Namespace = "hashicorp"
	}
	if strings.Count(source, "/") < 2 && s.copier.Product == "tofu" {
		found.Hostname = "registry.opentofu.org"
	}
	return found, true
}

// isBuiltin tells whether a source is Terraform's own provider, which reads files and calls servers.
func (s *survey) isBuiltin(source string) bool {
	found, ok := s.address(source)
	return ok && found.IsBuiltIn()
}

// provider is what is used of the provider that has a local name in a module.
func (s *survey) provider(of *folder, local string) *providerUse {
	source, ok := of.required[local]
	if !ok || local == "terraform" {
		source = local
	}
	if local == "terraform" || s.isBuiltin(source) {
		source, of.builtin = builtin, of.builtin || local == "terraform"
	}
	use := &providerUse{
		Provider: newWritten(), Resources: map[string]*written{}, Data: map[string]*written{}, Ephemeral: map[string]*written{},
	}
	at, ok := s.address(source)
	if !ok {
		return use // Terraform refuses the configuration
	}
	if s.Providers[at.String()] == nil {
		s.Providers[at.String()] = use
	}
	return s.Providers[at.String()]
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
			if mentioned[0] == "terraform" && (len(mentioned) == 1 || !ofTerraform[mentioned[1]]) {
				s.provider(one.folder, "terraform") // handed on to a module
			}
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

// ofTerraform are the attributes of `terraform`; what else follows the word is an alias of the provider of that name.
var ofTerraform = map[string]bool{"workspace": true, "env": true, "applying": true}

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
