package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// nobodyKnows is the expression that takes the place of one that cannot be evaluated.
const nobodyKnows = "gateunknown_value.gate.value"

// trouble is where Terraform met an error, in bytes of a file of the copy, and what it said.
type trouble struct {
	File  string `json:"file"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Said  string `json:"said"`
}

// blankCommand makes the expressions at the given places unknown, and answers what was said of each that it changed.
func blankCommand(in io.Reader, out io.Writer) error {
	var places []trouble
	if err := json.NewDecoder(in).Decode(&places); err != nil {
		return err
	}
	byFile, changed := map[string][]trouble{}, []string{}
	for _, one := range places {
		byFile[one.File] = append(byFile[one.File], one)
	}
	for _, path := range sortedKeys(byFile) {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		parsed, diagnostics := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
		if diagnostics.HasErrors() {
			continue
		}
		edits := []edit{}
		for _, one := range byFile[path] {
			if made, ok := blanked(parsed.Body.(*hclsyntax.Body), text, one); ok {
				edits, changed = append(edits, made), append(changed, one.Said)
			}
		}
		if len(edits) == 0 {
			continue
		}
		if err := os.WriteFile(path, applied(text, edits), 0o600); err != nil {
			return err
		}
		source := filepath.Join(filepath.Dir(path), "gate_unknown.tf")
		if err := os.WriteFile(source, []byte("resource \"gateunknown_value\" \"gate\" {}\n"), 0o600); err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(changed)
}

// fixedArguments cannot be unknown to Terraform.
var fixedArguments = map[string]bool{
	"source": true, "version": true, "providers": true, "provider": true, "depends_on": true, "type": true, "lifecycle": true,
	"ignore_changes": true,
}

// blanked is the edit for the smallest argument or element that holds the trouble.
func blanked(body *hclsyntax.Body, text []byte, at trouble) (edit, bool) {
	for _, b := range body.Blocks {
		r := hcl.RangeBetween(b.TypeRange, b.CloseBraceRange)
		if !covers(r, at) {
			continue
		}
		if b.Type == "dynamic" {
			if a := b.Body.Attributes["for_each"]; a != nil && covers(a.SrcRange, at) {
				return replacement(a.Expr.Range(), text, nobodyKnows)
			}
		}
		return blanked(b.Body, text, at)
	}
	for name, a := range body.Attributes {
		if !covers(a.SrcRange, at) || fixedArguments[name] {
			continue
		}
		switch name {
		case "count":
			return replacement(a.Expr.Range(), text, "1")
		case "for_each":
			return replacement(a.Expr.Range(), text, `toset(["gate"])`)
		}
		return replacement(smallest(a.Expr, at).Range(), text, nobodyKnows)
	}
	return edit{}, false
}

func covers(r hcl.Range, at trouble) bool {
	return r.Start.Byte <= at.Start && at.End <= r.End.Byte
}

// smallest is the innermost element of an object or a list that holds the trouble: elsewhere nothing is lost.
func smallest(e hclsyntax.Expression, at trouble) hclsyntax.Expression {
	switch of := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range of.Items {
			if covers(item.ValueExpr.Range(), at) {
				return smallest(item.ValueExpr, at)
			}
		}
	case *hclsyntax.TupleConsExpr:
		for _, item := range of.Exprs {
			if covers(item.Range(), at) {
				return smallest(item, at)
			}
		}
	case *hclsyntax.FunctionCallExpr:
		if of.Name == "jsonencode" && len(of.Args) == 1 && covers(of.Args[0].Range(), at) {
			return smallest(of.Args[0], at)
		}
	case *hclsyntax.ParenthesesExpr:
		return smallest(of.Expression, at)
	}
	return e
}

// replacement keeps the line numbers behind it; an expression that is replaced by itself helps nobody.
func replacement(r hcl.Range, text []byte, with string) (edit, bool) {
	old := string(r.SliceBytes(text))
	if strings.TrimSpace(old) == with {
		return edit{}, false
	}
	return edit{r.Start.Byte, r.End.Byte, with}, true
}
