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
	"github.com/zclconf/go-cty/cty"
)

// file is one file of a module: native syntax, or JSON.
type file struct {
	path string
	text []byte
	body *hclsyntax.Body
	tree map[string]any
}

// shape is a block's body: what it sets, and its provider argument.
type shape struct {
	provider string
	written  *written
}

// folder reads the configuration files that Terraform reads in a folder.
// https://developer.hashicorp.com/terraform/language/files
func (s *survey) folder(path string) (*folder, error) {
	if known, ok := s.folders[path]; ok {
		return known, nil
	}
	of := &folder{
		path: path, required: map[string]string{}, locals: map[string]hcl.Expression{}, declared: map[string]bool{},
		outputs: map[string]bool{},
	}
	s.folders[path] = of
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read", s.copier.shown(path))
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !configuration(name) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			return nil, err
		}
		if name, err = s.readable(path, name); err != nil {
			return nil, err
		}
		one := &file{path: filepath.Join(path, name), text: text}
		if strings.HasSuffix(name, ".json") {
			if err := json.Unmarshal(text, &one.tree); err != nil {
				return nil, fmt.Errorf("%s: not a JSON object", s.copier.shown(one.path))
			}
		} else {
			parsed, diagnostics := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
			if diagnostics.HasErrors() {
				first := diagnostics.Errs()[0].(*hcl.Diagnostic)
				return nil, fmt.Errorf("%s:%d: %s", s.copier.shown(one.path), first.Subject.Start.Line, first.Summary)
			}
			one.body = parsed.Body.(*hclsyntax.Body)
		}
		of.files = append(of.files, one)
	}
	for _, one := range of.files {
		of.read(one)
	}
	return of, nil
}

// readable gives a file of OpenTofu's a name that Terraform reads too. OpenTofu reads x.tofu in place of x.tf:
// https://opentofu.org/docs/language/files/#opentofu-specific-files
func (s *survey) readable(path, name string) (string, error) {
	if s.copier.Product == "tofu" || !strings.Contains(name, ".tofu") {
		return name, nil
	}
	there := strings.Replace(name, ".tofu", ".tf", 1)
	if _, err := os.Stat(filepath.Join(path, there)); err == nil {
		return "", fmt.Errorf("%s: OpenTofu reads it in place of %s, and Terraform does not: set GATE_TERRAFORM to the one you use",
			s.copier.shown(filepath.Join(path, name)), there)
	}
	made := strings.Replace(name, ".tofu", "_tofu.tf", 1)
	return made, os.Rename(filepath.Join(path, name), filepath.Join(path, made))
}

func configuration(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#") {
		return false
	}
	for _, ending := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// shown is a path as the user knows it: relative to the root module.
func (c *copier) shown(path string) string {
	inside, err := filepath.Rel(c.Root, c.from(path))
	if err != nil {
		return filepath.Base(path)
	}
	return inside
}

func (of *folder) read(f *file) {
	if f.tree != nil {
		of.readJSON(f)
		return
	}
	for _, b := range f.body.Blocks {
		switch {
		case b.Type == "terraform":
			for _, inner := range b.Body.Blocks {
				if inner.Type != "required_providers" {
					continue
				}
				for name, a := range inner.Body.Attributes {
					of.required[name] = sourceIn(name, a.Expr)
				}
			}
		case b.Type == "module" && len(b.Labels) == 1 && identifier(b.Labels[0]):
			one := &call{name: b.Labels[0], file: f.path, line: b.TypeRange.Start.Line, arguments: map[string]hcl.Expression{}}
			for name, a := range b.Body.Attributes {
				one.arguments[name] = a.Expr
			}
			one.source = literal(one.arguments["source"])
			of.calls = append(of.calls, one)
		case b.Type == "locals":
			for name, a := range b.Body.Attributes {
				of.locals[name] = a.Expr
			}
		case b.Type == "variable":
			of.variables = append(of.variables, b)
		case b.Type == "output" && len(b.Labels) == 1:
			of.outputs[b.Labels[0]] = true
		case b.Type == "resource" && len(b.Labels) == 2:
			of.declared[b.Labels[0]+"."+b.Labels[1]] = true
		}
		for _, name := range []string{"count", "for_each"} {
			if a := b.Body.Attributes[name]; a != nil {
				of.repeats = append(of.repeats, a.Expr)
			}
		}
	}
}

func sourceIn(name string, e hcl.Expression) string {
	cons, ok := e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return name
	}
	for _, item := range cons.Items {
		if keyOf(item.KeyExpr) == "source" {
			return literal(item.ValueExpr)
		}
	}
	return name
}

func keyOf(e hcl.Expression) string {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return word
	}
	return literal(e)
}

// literal is the text of an expression that is one; "" otherwise.
func literal(e hcl.Expression) string {
	if e == nil {
		return ""
	}
	value, diagnostics := e.Value(nil)
	if diagnostics.HasErrors() || value.IsNull() || !value.IsKnown() || value.Type() != cty.String {
		return ""
	}
	return value.AsString()
}

// each visits the top-level blocks.
func (f *file) each(visit func(kind string, labels []string, body *shape)) {
	if f.tree != nil {
		f.eachJSON(visit)
		return
	}
	for _, b := range f.body.Blocks {
		of := &shape{written: shapeOf(b.Body)}
		if a := b.Body.Attributes["provider"]; a != nil {
			if traversal, diagnostics := hcl.AbsTraversalForExpr(a.Expr); !diagnostics.HasErrors() {
				of.provider = traversal.RootName()
			} else {
				of.provider, _, _ = strings.Cut(literal(a.Expr), ".")
			}
		}
		visit(b.Type, b.Labels, of)
	}
}

func shapeOf(body *hclsyntax.Body) *written {
	found := newWritten()
	for name := range body.Attributes {
		found.Attributes[name] = true
	}
	for _, b := range body.Blocks {
		name, inner := b.Type, b.Body
		if name == "dynamic" && len(b.Labels) == 1 {
			name = b.Labels[0]
			for _, content := range b.Body.Blocks {
				if content.Type == "content" {
					inner = content.Body
				}
			}
		}
		if found.Blocks[name] == nil {
			found.Blocks[name] = newWritten()
		}
		found.Blocks[name].merge(shapeOf(inner))
	}
	return found
}

func (w *written) merge(other *written) {
	for name := range other.Attributes {
		w.Attributes[name] = true
	}
	for name, inner := range other.Blocks {
		if w.Blocks[name] == nil {
			w.Blocks[name] = newWritten()
		}
		w.Blocks[name].merge(inner)
	}
}

// edit replaces bytes of a file; the lines keep their numbers.
type edit struct {
	from, to int
	with     string
}

func applied(text []byte, edits []edit) []byte {
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].from < edits[j].from })
	made, at := []byte{}, 0
	for _, one := range edits {
		if one.from < at {
			continue // inside of what an earlier edit took away
		}
		made = append(made, text[at:one.from]...)
		made = append(made, one.with...)
		if lost := strings.Count(string(text[one.from:one.to]), "\n") - strings.Count(one.with, "\n"); lost > 0 {
			made = append(made, strings.Repeat("\n", lost)...)
		}
		at = one.to
	}
	return append(made, text[at:]...)
}
