package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// builtin serves what Terraform's built-in provider does: terraform_data, and terraform_remote_state, which reads files
// and calls servers. unknowns serves values that nobody knows.
const builtin, unknowns = "hashicorp/gateterraform", "hashicorp/gateunknown"

// Blocks of a module that change no value: they call providers, check, move or remove.
var neutral = map[string]bool{"check": true, "import": true, "moved": true, "removed": true, "action": true}

// Parts of a block that execute, refuse or only check.
var neutralParts = map[string]map[string]bool{
	"terraform": {"backend": true, "cloud": true, "provider_meta": true, "required_version": true},
	"resource":  {"provisioner": true, "connection": true},
	"lifecycle": {
		"precondition": true, "postcondition": true, "prevent_destroy": true, "replace_triggered_by": true, "action_trigger": true,
	},
	"variable": {"validation": true},
	"output":   {"precondition": true},
}

// rewrite changes the files of a folder in the copy: what executes, refuses or only checks goes; data sources are made
// readable while planning.
//
// Terraform puts a data source off that names a managed resource with pending changes, or that has depends_on, although
// every value is known. It does not when the name goes through a local value:
// https://developer.hashicorp.com/terraform/language/data-sources#data-resource-dependencies
func (of *folder) rewrite(s *survey) error {
	through := map[string]string{}
	texts := make([][]byte, len(of.files))
	for i, f := range of.files {
		if f.tree == nil {
			texts[i] = applied(f.text, of.edits(s, f, through))
			continue
		}
		of.rewriteJSON(s, f, through)
		made, err := json.MarshalIndent(f.tree, "", "  ")
		if err != nil {
			return err
		}
		texts[i] = made
	}
	added, at := of.added(through), -1
	for i, f := range of.files {
		if f.tree == nil && !overriding(f.path) {
			at = i
		}
	}
	if len(added) > 0 && at >= 0 { // behind all that is there: the lines keep their numbers
		texts[at] = append(append(texts[at], '\n'), added...)
	} else if len(added) > 0 {
		if err := os.WriteFile(filepath.Join(of.path, "gate_evaluation.tf"), added, 0o600); err != nil {
			return err
		}
	}
	for i, f := range of.files {
		if err := os.WriteFile(f.path, texts[i], 0o600); err != nil {
			return err
		}
	}
	if !of.builtin {
		return nil
	}
	settings := "terraform {\n  required_providers {\n    terraform = { source = \"" + builtin + "\" }\n  }\n}\n"
	return os.WriteFile(filepath.Join(of.path, "zzzz_gate_override.tf"), []byte(settings), 0o600)
}

// added are the local values through which data sources name managed resources.
func (of *folder) added(through map[string]string) []byte {
	if len(through) == 0 {
		return nil
	}
	lines := []string{}
	for _, name := range sortedKeys(through) {
		lines = append(lines, "  "+through[name]+" = "+name+"\n")
	}
	return []byte("locals {\n" + strings.Join(lines, "") + "}\n")
}

// overriding tells whether Terraform merges a file over the others: https://developer.hashicorp.com/terraform/language/files/override
func overriding(path string) bool {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name == "override" || strings.HasSuffix(name, "_override")
}

func (of *folder) edits(s *survey, f *file, through map[string]string) []edit {
	made := []edit{}
	for _, b := range f.body.Blocks {
		if neutral[b.Type] || (b.Type == "output" && of.calledAs == 1 && of == s.modules[""].folder) {
			made = append(made, without(b))
			continue
		}
		made = append(made, withoutParts(b.Body, neutralParts[b.Type])...)
		if b.Type == "terraform" {
			made = append(made, s.withoutBuiltin(b.Body)...)
		}
		for _, inner := range b.Body.Blocks {
			made = append(made, withoutParts(inner.Body, neutralParts[inner.Type])...)
		}
		if b.Type == "data" || b.Type == "module" {
			if a := b.Body.Attributes["depends_on"]; a != nil {
				r := a.Expr.Range()
				made = append(made, edit{r.Start.Byte, r.End.Byte, "[]"})
			}
		}
		if b.Type == "module" && len(b.Labels) == 1 {
			if a := b.Body.Attributes["source"]; a != nil {
				r := a.Expr.Range()
				made = append(made, edit{r.Start.Byte, r.End.Byte, quoted(renamed(b.Labels[0]))})
			}
			if a := b.Body.Attributes["version"]; a != nil {
				made = append(made, edit{a.SrcRange.Start.Byte, a.SrcRange.End.Byte, ""})
			}
		}
		if b.Type == "data" || b.Type == "ephemeral" {
			made = append(made, of.indirect(b.Body, through)...)
		}
		made = append(made, s.fixed(b.Body)...)
	}
	return made
}

// withoutBuiltin requires the gate's provider wherever a module requires Terraform's own, under whatever name.
func (s *survey) withoutBuiltin(body *hclsyntax.Body) []edit {
	made := []edit{}
	for _, b := range body.Blocks {
		if b.Type != "required_providers" {
			continue
		}
		for _, a := range b.Body.Attributes {
			cons, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
			if !ok {
				continue
			}
			for _, item := range cons.Items {
				if keyOf(item.KeyExpr) == "source" && s.isBuiltin(literal(item.ValueExpr)) {
					r := item.ValueExpr.Range()
					made = append(made, edit{r.Start.Byte, r.End.Byte, quoted(builtin)})
				}
			}
		}
	}
	return made
}

func without(b *hclsyntax.Block) edit {
	return edit{b.TypeRange.Start.Byte, b.CloseBraceRange.End.Byte, ""}
}

func withoutParts(body *hclsyntax.Body, names map[string]bool) []edit {
	made := []edit{}
	for name, a := range body.Attributes {
		if names[name] {
			made = append(made, edit{a.SrcRange.Start.Byte, a.SrcRange.End.Byte, ""})
		}
	}
	for _, b := range body.Blocks {
		if names[b.Type] {
			made = append(made, without(b))
		}
	}
	return made
}

// indirect sends references to managed resources through local values.
func (of *folder) indirect(node hclsyntax.Node, through map[string]string) []edit {
	made := []edit{}
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		e, ok := n.(*hclsyntax.ScopeTraversalExpr)
		if !ok || len(e.Traversal) < 2 {
			return nil
		}
		second, ok := e.Traversal[1].(hcl.TraverseAttr)
		if !ok {
			return nil
		}
		name := e.Traversal.RootName() + "." + second.Name
		if of.declared[name] {
			made = append(made, edit{e.SrcRange.Start.Byte, second.SrcRange.End.Byte, "local." + local(name, through)})
		}
		return nil
	})
	return made
}

func local(name string, through map[string]string) string {
	if through[name] == "" {
		through[name] = "gate_" + strings.ReplaceAll(name, ".", "_of_")
	}
	return through[name]
}

// fixed gives the workspace and the time of planning the values that the gate chose.
func (s *survey) fixed(node hclsyntax.Node) []edit {
	made := []edit{}
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch e := n.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			if second := steps(e.Traversal); len(second) == 2 && second[0] == "terraform" && (second[1] == "workspace" || second[1] == "env") {
				made = append(made, edit{e.SrcRange.Start.Byte, e.SrcRange.End.Byte, quoted(s.copier.Workspace)})
			}
		case *hclsyntax.FunctionCallExpr:
			if e.Name == "plantimestamp" {
				r := e.Range()
				made = append(made, edit{r.Start.Byte, r.End.Byte, quoted(s.copier.Now)})
			}
		}
		return nil
	})
	return made
}

func quoted(text string) string {
	made, _ := json.Marshal(text)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(made))
}
