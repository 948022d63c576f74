package main

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Terraform's JSON syntax: https://developer.hashicorp.com/terraform/language/syntax/json

// bodies lists the objects at a place where JSON allows one or several.
func bodies(from any) []map[string]any {
	if one, ok := from.(map[string]any); ok {
		return []map[string]any{one}
	}
	return objects(from)
}

// labelled visits the bodies of blocks with so many labels.
func labelled(from any, many int, labels []string, visit func(labels []string, body map[string]any)) {
	for _, of := range bodies(from) {
		if many == 0 {
			visit(labels, of)
			continue
		}
		for _, name := range sortedKeys(of) {
			if name != "//" {
				labelled(of[name], many-1, append(append([]string{}, labels...), name), visit)
			}
		}
	}
}

var labelsOf = map[string]int{
	"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "provider": 1, "variable": 1, "output": 1, "locals": 0, "terraform": 0,
}

func (f *file) eachJSON(visit func(kind string, labels []string, body *shape)) {
	for _, kind := range sortedKeys(labelsOf) {
		labelled(f.tree[kind], labelsOf[kind], nil, func(labels []string, body map[string]any) {
			of := &shape{written: shapeOfJSON(body)}
			if name, ok := body["provider"].(string); ok {
				name = strings.TrimSuffix(strings.TrimPrefix(name, "${"), "}")
				of.provider, _, _ = strings.Cut(name, ".")
			}
			visit(kind, labels, of)
		})
	}
}

// shapeOfJSON cannot tell arguments from blocks: where no schema does, each is an argument.
func shapeOfJSON(body map[string]any) *written {
	found := newWritten()
	for name, value := range body {
		if name == "//" || name == "dynamic" {
			continue
		}
		_ = value
		found.Attributes[name] = true
	}
	return found
}

func (of *folder) readJSON(f *file) {
	for _, terraform := range bodies(f.tree["terraform"]) {
		for _, required := range bodies(terraform["required_providers"]) {
			for name, value := range required {
				of.required[name] = name
				if entry, ok := value.(map[string]any); ok {
					if source := textOf(entry, "source"); source != "" {
						of.required[name] = source
					}
				}
			}
		}
	}
	labelled(f.tree["module"], 1, nil, func(labels []string, body map[string]any) {
		if !identifier(labels[0]) {
			return // Terraform refuses it
		}
		one := &call{name: labels[0], source: textOf(body, "source"), file: f.path, line: 1, arguments: map[string]hcl.Expression{}}
		for name, value := range body {
			if text, ok := value.(string); ok {
				if parsed, diagnostics := hclsyntax.ParseTemplate([]byte(text), "", hcl.InitialPos); !diagnostics.HasErrors() {
					one.arguments[name] = parsed
					continue
				}
			}
			one.arguments[name] = nil
		}
		of.calls = append(of.calls, one)
	})
	labelled(f.tree["resource"], 2, nil, func(labels []string, body map[string]any) {
		of.declared[labels[0]+"."+labels[1]] = true
	})
	labelled(f.tree["output"], 1, nil, func(labels []string, _ map[string]any) { of.outputs[labels[0]] = true })
}

func (of *folder) rewriteJSON(s *survey, f *file, through map[string]string) {
	for kind := range neutral {
		delete(f.tree, kind)
	}
	if of.calledAs == 1 && of == s.modules[""].folder {
		delete(f.tree, "output")
	}
	for _, terraform := range bodies(f.tree["terraform"]) {
		for _, required := range bodies(terraform["required_providers"]) {
			for _, value := range required {
				if entry, ok := value.(map[string]any); ok && s.isBuiltin(textOf(entry, "source")) {
					entry["source"] = builtin
				}
			}
		}
	}
	for kind, many := range labelsOf {
		labelled(f.tree[kind], many, nil, func(labels []string, body map[string]any) {
			if kind == "module" {
				body["source"] = renamed(labels[0])
				delete(body, "version")
			}
			for name := range neutralParts[kind] {
				delete(body, name)
			}
			for _, lifecycle := range bodies(body["lifecycle"]) {
				for name := range neutralParts["lifecycle"] {
					delete(lifecycle, name)
				}
			}
			if kind == "data" || kind == "module" {
				delete(body, "depends_on")
			}
			for name, value := range body {
				body[name] = changedStrings(value, func(template string) string {
					parsed, diagnostics := hclsyntax.ParseTemplate([]byte(template), "", hcl.InitialPos)
					if diagnostics.HasErrors() {
						return template
					}
					edits := s.fixed(parsed)
					if kind == "data" || kind == "ephemeral" {
						edits = append(edits, of.indirect(parsed, through)...)
					}
					return string(applied([]byte(template), edits))
				})
			}
		})
	}
}

func changedStrings(tree any, change func(string) string) any {
	switch v := tree.(type) {
	case string:
		if strings.Contains(v, "${") || strings.Contains(v, "%{") {
			return change(v)
		}
	case []any:
		for i := range v {
			v[i] = changedStrings(v[i], change)
		}
	case map[string]any:
		for name := range v {
			v[name] = changedStrings(v[name], change)
		}
	}
	return tree
}
