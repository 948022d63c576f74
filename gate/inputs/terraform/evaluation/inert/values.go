package main

import (
	"fmt"
	"math/big"
	"sort"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// lenient makes a value of a Terraform type from parsed JSON; what does not fit becomes null.
func lenient(from any, to tftypes.Type) tftypes.Value {
	null := tftypes.NewValue(to, nil)
	switch of := to.(type) {
	case tftypes.Object:
		given, ok := from.(map[string]any)
		if !ok {
			return null
		}
		made := map[string]tftypes.Value{}
		for name, kind := range of.AttributeTypes {
			made[name] = lenient(given[name], kind)
		}
		return tftypes.NewValue(to, made)
	case tftypes.Map:
		given, ok := from.(map[string]any)
		if !ok {
			return null
		}
		made := map[string]tftypes.Value{}
		for name, item := range given {
			made[name] = lenient(item, of.ElementType)
		}
		return tftypes.NewValue(to, made)
	case tftypes.List:
		return lenientItems(from, to, of.ElementType)
	case tftypes.Set:
		return lenientItems(from, to, of.ElementType)
	case tftypes.Tuple:
		return null
	}
	if from == nil {
		return null
	}
	switch {
	case to.Is(tftypes.DynamicPseudoType):
		return dynamic(from)
	case to.Is(tftypes.String):
		return tftypes.NewValue(to, text(from))
	case to.Is(tftypes.Bool):
		if b, ok := from.(bool); ok {
			return tftypes.NewValue(to, b)
		}
		if s, ok := from.(string); ok && (s == "true" || s == "false") {
			return tftypes.NewValue(to, s == "true")
		}
	case to.Is(tftypes.Number):
		if n, ok := number(from); ok {
			return tftypes.NewValue(to, n)
		}
	}
	return null
}

func lenientItems(from any, to, element tftypes.Type) tftypes.Value {
	given, ok := from.([]any)
	if !ok {
		return tftypes.NewValue(to, nil)
	}
	made := []tftypes.Value{}
	for _, item := range given {
		made = append(made, lenient(item, element))
	}
	return tftypes.NewValue(to, made)
}

func dynamic(from any) tftypes.Value {
	switch v := from.(type) {
	case string:
		return tftypes.NewValue(tftypes.String, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case []any:
		items, kinds := []tftypes.Value{}, []tftypes.Type{}
		for _, item := range v {
			one := dynamic(item)
			items, kinds = append(items, one), append(kinds, one.Type())
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: kinds}, items)
	case map[string]any:
		items, kinds := map[string]tftypes.Value{}, map[string]tftypes.Type{}
		for name, item := range v {
			one := dynamic(item)
			items[name], kinds[name] = one, one.Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, items)
	}
	if n, ok := number(from); ok {
		return tftypes.NewValue(tftypes.Number, n)
	}
	return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
}

func number(from any) (*big.Float, bool) {
	switch v := from.(type) {
	case float64:
		return big.NewFloat(v), true
	case int:
		return big.NewFloat(float64(v)), true
	case string:
		n, _, err := big.ParseFloat(v, 10, 512, big.ToNearestEven)
		return n, err == nil
	}
	return nil, false
}

func text(from any) string {
	switch v := from.(type) {
	case string:
		return v
	case float64:
		return big.NewFloat(v).Text('f', -1)
	}
	return fmt.Sprint(from)
}

// plain is a known value as parsed JSON has it: string, bool, float64, []any, map[string]any; nil for null and unknown.
func plain(v tftypes.Value) any {
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	switch v.Type().(type) {
	case tftypes.Object, tftypes.Map:
		items := map[string]tftypes.Value{}
		if v.As(&items) != nil {
			return nil
		}
		found := map[string]any{}
		for name, item := range items {
			found[name] = plain(item)
		}
		return found
	case tftypes.List, tftypes.Set, tftypes.Tuple:
		var items []tftypes.Value
		if v.As(&items) != nil {
			return nil
		}
		found := []any{}
		for _, item := range items {
			found = append(found, plain(item))
		}
		return found
	}
	switch {
	case v.Type().Is(tftypes.String):
		var s string
		_ = v.As(&s)
		return s
	case v.Type().Is(tftypes.Bool):
		var b bool
		_ = v.As(&b)
		return b
	case v.Type().Is(tftypes.Number):
		n := new(big.Float)
		_ = v.As(&n)
		f, _ := n.Float64()
		return f
	}
	return nil
}

// plainObject is an object's attributes, null ones left out.
func plainObject(v tftypes.Value) map[string]any {
	found, _ := plain(v).(map[string]any)
	for name, item := range found {
		if item == nil {
			delete(found, name)
		}
	}
	return found
}

func textOf(from map[string]any, names ...string) string {
	for _, name := range names {
		if s, ok := from[name].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func texts(from any) []string {
	items, _ := from.([]any)
	found := []string{}
	for _, item := range items {
		if item != nil {
			found = append(found, text(item))
		}
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func elementType(t tftypes.Type) tftypes.Type {
	switch of := t.(type) {
	case tftypes.List:
		return of.ElementType
	case tftypes.Set:
		return of.ElementType
	case tftypes.Map:
		return of.ElementType
	}
	return nil
}
