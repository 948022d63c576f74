package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// settings is what the gate tells every provider of one evaluation.
type settings struct {
	Folder string `json:"-"`
	// Realistic: resources are called as configured, as after an apply; else each stand-in holds a token of its own.
	Realistic bool   `json:"realistic"`
	Seed      string `json:"seed"`
	Account   string `json:"account"`
	Region    string `json:"region"`
	// Names of attributes that the configuration mentions anywhere: the others need no stand-in.
	Names map[string]bool `json:"names"`
	// Paths below a type that the configuration mentions, dotted: "data.external" → "result.url".
	Paths map[string][]string `json:"paths"`
	// Answers: what a plan knows of data sources, by type.
	Answers map[string][]map[string]any `json:"answers"`
	// Managed: the file with the content of AWS managed policies.
	Managed string `json:"managed"`
}

// standIn is one made-up value: Path is dotted, Token what is special about Value.
type standIn struct {
	Path  string `json:"path"`
	Value string `json:"value"`
	Token string `json:"token"`
}

// instance is one resource or data source while it is answered.
type instance struct {
	server *server
	kind   string // with data. or ephemeral. before it, where it is one
	key    string
	config map[string]any
	open   any // what a plan does not know of it, as in after_unknown; nil without a plan
	prior  bool
	known  map[string]any // what is known of a data source's answer
	made   []standIn
}

// instance is what is asked about. Resources that are configured alike are told apart by a number.
func (s *server) instance(kind string, config tftypes.Value, raw, private []byte) (*instance, error) {
	one := &instance{server: s, kind: kind, config: plainObject(config), key: digest(kind, string(raw), s.own.raw)}
	if len(private) > 0 {
		var known struct {
			Open any `json:"open"`
		}
		if err := json.Unmarshal(private, &known); err == nil {
			one.prior, one.open = true, known.Open
		}
	}
	if strings.Contains(kind, ".") {
		return one, nil
	}
	number, err := s.notes.next(one.key)
	one.key = digest(one.key, number)
	return one, err
}

// keep notes what was made up, for the gate.
func (one *instance) keep() error {
	if len(one.made) == 0 {
		return nil
	}
	return one.server.notes.add(map[string]any{"type": one.kind, "values": one.made})
}

func digest(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// filled is value with a stand-in for each computed attribute that the configuration leaves out.
func (one *instance) filled(b block, value, config tftypes.Value) tftypes.Value {
	return one.fill(b, value, config, "", one.open)
}

func (one *instance) fill(b block, value, config tftypes.Value, path string, open any) tftypes.Value {
	items, given := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if value.IsNull() || !value.IsKnown() || value.As(&items) != nil {
		return value
	}
	if config.IsKnown() && !config.IsNull() {
		_ = config.As(&given)
	}
	openParts, _ := open.(map[string]any)
	for _, name := range sortedKeys(b.Attributes) {
		a := b.Attributes[name]
		if a.WriteOnly {
			items[name] = tftypes.NewValue(a.of, nil)
			continue
		}
		if one.kind == "gateunknown_value" {
			items[name] = tftypes.NewValue(a.of, tftypes.UnknownValue)
			continue
		}
		if one.kind == "terraform_data" && name == "output" {
			items[name] = given["input"]
			continue
		}
		if _, ok := one.known[name]; ok && path == "" {
			continue
		}
		set, ok := given[name]
		if ok && !set.IsNull() {
			continue
		}
		if !a.Computed {
			if value, ok := one.defaulted(name, a.of, path); ok {
				items[name] = value
			}
			continue
		}
		// A plan says what is known of it; what it does not know, and only that, is made up.
		if one.prior && !(open == true || holds(openParts[name])) {
			continue
		}
		items[name] = one.madeUp(name, join(path, name), a.of)
	}
	for name, n := range b.BlockTypes {
		inner := items[name]
		if inner.IsNull() || !inner.IsKnown() {
			continue
		}
		items[name] = one.fillBlocks(n, inner, given[name], join(path, name), openParts[name])
	}
	return object(b, items)
}

// object keeps declared types; what is dynamic has the type of what is in it.
func object(b block, items map[string]tftypes.Value) tftypes.Value {
	if !b.loose {
		return tftypes.NewValue(b.of, items)
	}
	kinds := map[string]tftypes.Type{}
	for name, item := range items {
		kinds[name] = item.Type()
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, items)
}

func (one *instance) fillBlocks(n nested, value, config tftypes.Value, path string, open any) tftypes.Value {
	if n.NestingMode == "single" {
		return one.fill(n.Block, value, config, path, open)
	}
	if n.NestingMode == "map" {
		return value
	}
	var items, given []tftypes.Value
	if value.As(&items) != nil {
		return value
	}
	if config.Type() != nil && config.IsKnown() && !config.IsNull() {
		_ = config.As(&given)
	}
	openItems, _ := open.([]any)
	for i := range items {
		of, part := items[i], any(nil)
		if n.NestingMode == "list" && i < len(given) {
			of = given[i]
		}
		if i < len(openItems) {
			part = openItems[i]
		}
		items[i] = one.fill(n.Block, items[i], of, path+"."+strconv.Itoa(i), part)
	}
	if n.NestingMode == "list" && n.Block.loose {
		kinds := []tftypes.Type{}
		for _, item := range items {
			kinds = append(kinds, item.Type())
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: kinds}, items)
	}
	return tftypes.NewValue(value.Type(), items)
}

// holds tells whether something in a tree of after_unknown is true.
func holds(tree any) bool {
	switch v := tree.(type) {
	case bool:
		return v
	case []any:
		for _, item := range v {
			if holds(item) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if holds(item) {
				return true
			}
		}
	}
	return false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
