package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// stubs puts an empty module where one is missing: it takes any argument, and what it answers is unknown.
func (s *survey) stubs(root string) error {
	for _, one := range s.Missing {
		parentKey, name := "", one.Key
		if i := strings.LastIndexByte(one.Key, '.'); i >= 0 {
			parentKey, name = one.Key[:i], one.Key[i+1:]
		}
		parent := s.modules[parentKey]
		path := filepath.Join(root, ".terraform", "modules", "gate", strings.ReplaceAll(one.Key, ".", "/"))
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		text := "resource \"gateunknown_value\" \"gate\" {}\n"
		var by *call
		for _, called := range parent.folder.calls {
			if called.name == name {
				by = called
			}
		}
		for _, argument := range sortedKeys(by.arguments) {
			if !metaArguments[argument] && argument != "source" {
				text += "variable \"" + argument + "\" {\n  default = null\n}\n"
			}
		}
		answers := map[string]bool{}
		for _, f := range parent.folder.files {
			for _, mentioned := range f.traversals() {
				if len(mentioned) > 2 && mentioned[0] == "module" && mentioned[1] == name {
					answers[mentioned[2]] = true
					if len(mentioned) > 3 { // an instance key may stand before it
						answers[mentioned[3]] = true
					}
				}
			}
		}
		for _, answer := range sortedKeys(answers) {
			if identifier(answer) {
				text += "output \"" + answer + "\" {\n  value = gateunknown_value.gate.value\n}\n"
			}
		}
		if err := os.WriteFile(filepath.Join(path, "gate.tf"), []byte(text), 0o600); err != nil {
			return err
		}
		s.modules[one.Key] = &module{key: one.Key, folder: &folder{path: path}, parent: parent, call: by}
	}
	return nil
}

func identifier(text string) bool {
	return hclsyntax.ValidIdentifier(text)
}
