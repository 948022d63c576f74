package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// traversals are all references of a file, each as its steps: names, and index keys as texts.
func (f *file) traversals() [][]string {
	found := [][]string{}
	for _, node := range f.nodes() {
		found = append(found, traversalsIn(node)...)
	}
	return found
}

func (f *file) nodes() []hclsyntax.Node {
	if f.tree == nil {
		return []hclsyntax.Node{f.body}
	}
	nodes := []hclsyntax.Node{}
	for _, template := range stringsIn(f.tree) {
		if strings.Contains(template, "${") || strings.Contains(template, "%{") {
			if parsed, diagnostics := hclsyntax.ParseTemplate([]byte(template), "", hcl.InitialPos); !diagnostics.HasErrors() {
				nodes = append(nodes, parsed)
			}
		}
	}
	return nodes
}

func traversalsIn(node hclsyntax.Node) [][]string {
	found := [][]string{}
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch e := n.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			found = append(found, steps(e.Traversal))
		case *hclsyntax.RelativeTraversalExpr:
			relative := steps(e.Traversal)
			if len(relative) > 0 {
				found = append(found, append([]string{""}, relative...)[:2])
			}
			for _, step := range relative {
				found = append(found, []string{step})
			}
		case *hclsyntax.IndexExpr:
			if key := literal(e.Key); key != "" {
				found = append(found, []string{key})
			}
		}
		return nil
	})
	return found
}

func steps(t hcl.Traversal) []string {
	found := []string{}
	for _, step := range t {
		switch of := step.(type) {
		case hcl.TraverseRoot:
			found = append(found, of.Name)
		case hcl.TraverseAttr:
			found = append(found, of.Name)
		case hcl.TraverseIndex:
			switch {
			case of.Key.Type() == cty.String:
				found = append(found, of.Key.AsString())
			case of.Key.Type() == cty.Number:
				n, _ := of.Key.AsBigFloat().Int64()
				found = append(found, strconv.FormatInt(n, 10))
			}
		}
	}
	return found
}

func (f *file) functions() []string {
	found := []string{}
	for _, node := range f.nodes() {
		_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
			if e, ok := n.(*hclsyntax.FunctionCallExpr); ok {
				found = append(found, e.Name)
			}
			return nil
		})
	}
	return found
}

var accountNumber = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([0-9]{12})(?:[^0-9A-Za-z]|$)`)

func accountNumbers(text []byte) []string {
	found := []string{}
	for _, match := range accountNumber.FindAllSubmatch(text, -1) {
		found = append(found, string(match[1]))
	}
	return found
}

func stringsIn(tree any) []string {
	switch v := tree.(type) {
	case string:
		return []string{v}
	case []any:
		found := []string{}
		for _, item := range v {
			found = append(found, stringsIn(item)...)
		}
		return found
	case map[string]any:
		found := []string{}
		for _, name := range sortedKeys(v) {
			found = append(found, stringsIn(v[name])...)
		}
		return found
	}
	return nil
}
