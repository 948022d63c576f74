package main

import (
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// readers are the functions that read files by name.
// https://developer.hashicorp.com/terraform/language/functions
var readers = map[string]bool{
	"file": true, "filebase64": true, "fileexists": true, "fileset": true, "templatefile": true, "filemd5": true,
	"filesha1": true, "filesha256": true, "filesha512": true, "filebase64sha256": true, "filebase64sha512": true,
}

// copyNamed copies what the text of a folder names by a literal path, or by a literal folder that begins one:
// file("${path.module}/../policies/${var.name}.json") names ../policies.
func (s *survey) copyNamed(of *folder) error {
	root, _ := s.copier.to(s.copier.Root)
	for _, f := range of.files {
		for _, node := range f.nodes() {
			var failed error
			_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
				call, ok := n.(*hclsyntax.FunctionCallExpr)
				if !ok || !readers[call.Name] || len(call.Args) == 0 {
					return nil
				}
				if path := s.path(of, call.Args[0], root, 0); path != "" && failed == nil {
					failed = s.copier.named(path)
				}
				return nil
			})
			if failed != nil {
				return failed
			}
		}
	}
	return nil
}

// path is the literal beginning of a path, as a path of the copy; "" when nothing of it is literal.
func (s *survey) path(of *folder, e hcl.Expression, root string, depth int) string {
	parts := []hclsyntax.Expression{}
	switch of := bare(e).(type) {
	case *hclsyntax.TemplateExpr:
		parts = of.Parts
	case hclsyntax.Expression:
		parts = append(parts, of)
	}
	text, whole := "", true
	for _, part := range parts {
		if piece := literal(part); piece != "" {
			text += piece
			continue
		}
		scope, ok := part.(*hclsyntax.ScopeTraversalExpr)
		if !ok {
			whole = false
			break
		}
		name := strings.Join(steps(scope.Traversal), ".")
		switch {
		case name == "path.module":
			text += of.path
			continue
		case name == "path.root" || name == "path.cwd":
			text += root
			continue
		case strings.HasPrefix(name, "local.") && depth < deepest && text == "":
			if value := of.locals[strings.TrimPrefix(name, "local.")]; value != nil {
				text = s.path(of, value, root, depth+1)
				continue
			}
		}
		whole = false
		break
	}
	if text == "" {
		return ""
	}
	if !whole {
		text = text[:strings.LastIndexByte(text, '/')+1]
	}
	if !filepath.IsAbs(text) {
		text = filepath.Join(root, text)
	}
	return filepath.Clean(text)
}

// named copies a file or folder of the source by its path in the copy; what lies outside of Top is not copied.
func (c *copier) named(path string) error {
	if path == c.Out || !strings.HasPrefix(path, c.Out+"/") {
		return nil
	}
	source := c.from(path)
	if isFolder(source) {
		if strings.HasPrefix(c.Root+"/", source+"/") || !small(source) {
			return nil // a folder above the root, or a large one: its content is copied by name alone
		}
		return c.tree(source)
	}
	return c.file(source)
}
