package main

import (
	"encoding/json"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// variable is an input variable of the root module. Type is in the notation of schemas; Values are those that its
// validation lists.
type variable struct {
	Name     string            `json:"name"`
	Type     json.RawMessage   `json:"type"`
	Required bool              `json:"required"`
	Typed    bool              `json:"typed"` // it has a type argument: Terraform reads a value given as text as an expression
	Values   []json.RawMessage `json:"values"`
	File     string            `json:"file"`
	Line     int               `json:"line"`
}

func (s *survey) rootVariables(root *module) []variable {
	found := []variable{}
	for _, b := range root.folder.variables {
		if len(b.Labels) != 1 {
			continue
		}
		one := variable{Name: b.Labels[0], Line: b.TypeRange.Start.Line, File: b.TypeRange.Filename}
		one.Required = b.Body.Attributes["default"] == nil
		kind := cty.DynamicPseudoType
		if a := b.Body.Attributes["type"]; a != nil {
			one.Typed = true
			if declared, _, diagnostics := typeexpr.TypeConstraintWithDefaults(a.Expr); !diagnostics.HasErrors() {
				kind = declared
			}
		}
		one.Type, _ = ctyjson.MarshalType(kind.WithoutOptionalAttributesDeep())
		for _, inner := range b.Body.Blocks {
			if inner.Type == "validation" && inner.Body.Attributes["condition"] != nil {
				one.Values = append(one.Values, allowed(inner.Body.Attributes["condition"].Expr, one.Name)...)
			}
		}
		found = append(found, one)
	}
	for _, f := range root.folder.files {
		labelled(f.tree["variable"], 1, nil, func(labels []string, body map[string]any) {
			_, set := body["default"]
			kind, _ := json.Marshal("dynamic")
			if name := textOf(body, "type"); name != "" {
				if parsed, diagnostics := hclsyntax.ParseExpression([]byte(name), "", hcl.InitialPos); !diagnostics.HasErrors() {
					if declared, _, diagnostics := typeexpr.TypeConstraintWithDefaults(parsed); !diagnostics.HasErrors() {
						kind, _ = ctyjson.MarshalType(declared.WithoutOptionalAttributesDeep())
					}
				}
			}
			found = append(found, variable{Name: labels[0], Type: kind, Typed: textOf(body, "type") != "", Required: !set, File: s.copier.shown(f.path), Line: 1})
		})
	}
	return found
}

// allowed are the values that a validation lists: contains(["dev", "prod"], var.NAME).
func allowed(e hclsyntax.Expression, name string) []json.RawMessage {
	found := []json.RawMessage{}
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		f, ok := n.(*hclsyntax.FunctionCallExpr)
		if !ok || f.Name != "contains" || len(f.Args) != 2 || !isVariable(f.Args[1], name) {
			return nil
		}
		for _, item := range elements(f.Args[0]) {
			if value, diagnostics := item.Value(nil); !diagnostics.HasErrors() {
				if text, err := ctyjson.Marshal(value, value.Type()); err == nil {
					found = append(found, text)
				}
			}
		}
		return nil
	})
	return found
}

func elements(e hcl.Expression) []hclsyntax.Expression {
	if cons, ok := e.(*hclsyntax.TupleConsExpr); ok {
		return cons.Exprs
	}
	return nil
}

func isVariable(e hcl.Expression, name string) bool {
	found, ok := variableIn(e)
	return ok && found == name
}

func variableIn(e hcl.Expression) (string, bool) {
	scope, ok := bare(e).(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return "", false
	}
	path := steps(scope.Traversal)
	if len(path) != 2 || path[0] != "var" {
		return "", false
	}
	return path[1], true
}

func bare(e hcl.Expression) hcl.Expression {
	for {
		switch of := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			e = of.Expression
		case *hclsyntax.TemplateWrapExpr:
			e = of.Wrapped
		default:
			return e
		}
	}
}

// want finds values of root variables with which resources exist: each count and for_each that is a choice is followed
// to the variables it depends on.
func (s *survey) want() {
	for _, key := range sortedKeys(s.modules) {
		one := s.modules[key]
		for _, e := range one.folder.repeats {
			if choice, ok := bare(e).(*hclsyntax.ConditionalExpr); ok {
				switch {
				case nothing(choice.FalseResult):
					s.solve(one, choice.Condition, true, 0)
				case nothing(choice.TrueResult):
					s.solve(one, choice.Condition, false, 0)
				}
			}
		}
	}
}

// nothing tells whether a branch makes no resource: 0, [], {}, toset([]).
func nothing(e hcl.Expression) bool {
	switch of := bare(e).(type) {
	case *hclsyntax.LiteralValueExpr:
		return of.Val.Type() == cty.Number && of.Val.IsKnown() && !of.Val.IsNull() && of.Val.AsBigFloat().Sign() == 0
	case *hclsyntax.TupleConsExpr:
		return len(of.Exprs) == 0
	case *hclsyntax.ObjectConsExpr:
		return len(of.Items) == 0
	case *hclsyntax.FunctionCallExpr:
		return len(of.Args) == 1 && (of.Name == "toset" || of.Name == "tomap" || of.Name == "tolist") && nothing(of.Args[0])
	}
	return false
}

const deepest = 12

func (s *survey) solve(at *module, e hcl.Expression, wanted bool, depth int) {
	if depth > deepest || e == nil {
		return
	}
	switch of := bare(e).(type) {
	case *hclsyntax.UnaryOpExpr:
		if of.Op == hclsyntax.OpLogicalNot {
			s.solve(at, of.Val, !wanted, depth+1)
		}
	case *hclsyntax.BinaryOpExpr:
		switch of.Op {
		case hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr:
			s.solve(at, of.LHS, wanted, depth+1)
			s.solve(at, of.RHS, wanted, depth+1)
		case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
			if (of.Op == hclsyntax.OpEqual) == wanted {
				s.settle(at, of.LHS, of.RHS, depth)
				s.settle(at, of.RHS, of.LHS, depth)
			}
		}
	case *hclsyntax.ScopeTraversalExpr:
		s.settleValue(at, of, cty.BoolVal(wanted), depth)
	}
}

func (s *survey) settle(at *module, e, to hcl.Expression, depth int) {
	value, diagnostics := to.Value(nil)
	if diagnostics.HasErrors() || value.IsNull() || !value.IsKnown() {
		return
	}
	s.settleValue(at, e, value, depth)
}

// settleValue follows an expression that is only a name up to a variable of the root.
func (s *survey) settleValue(at *module, e hcl.Expression, value cty.Value, depth int) {
	scope, ok := bare(e).(*hclsyntax.ScopeTraversalExpr)
	if !ok || depth > deepest {
		return
	}
	path := steps(scope.Traversal)
	if len(path) != 2 {
		return
	}
	switch path[0] {
	case "local":
		if value.Type() == cty.Bool {
			s.solve(at, at.folder.locals[path[1]], value.True(), depth+1)
			return
		}
		s.settleValue(at, at.folder.locals[path[1]], value, depth+1)
	case "var":
		if at.parent == nil {
			if text, err := ctyjson.Marshal(value, value.Type()); err == nil && s.Wanted[path[1]] == nil {
				s.Wanted[path[1]] = text
			}
			return
		}
		given := at.call.arguments[path[1]]
		if given == nil {
			return
		}
		if value.Type() == cty.Bool {
			s.solve(at.parent, given, value.True(), depth+1)
			return
		}
		s.settleValue(at.parent, given, value, depth+1)
	}
}
