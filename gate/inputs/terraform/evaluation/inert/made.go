package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// identifying attributes are what others name a resource by, whether or not the text mentions them.
var identifying = map[string]bool{"arn": true, "id": true, "name": true}

// madeUp is the stand-in for a computed attribute; null where nothing mentions it: then it is the provider's default.
func (one *instance) madeUp(name, path string, of tftypes.Type) tftypes.Value {
	if known, ok := one.computed(path); ok {
		return lenient(known, of)
	}
	if top, _, _ := strings.Cut(path, "."); !identifying[top] && !one.server.settings.Names[top] {
		return tftypes.NewValue(of, nil)
	}
	return one.ofType(path, of)
}

// defaulted is an argument that the configuration leaves out and reads: null, or what the provider fills in, which nobody
// knows here. One evaluation has null and the other knows nothing, so what depends on it is unknown.
func (one *instance) defaulted(name string, of tftypes.Type, above string) (tftypes.Value, bool) {
	scalar := of.Is(tftypes.String) || of.Is(tftypes.Number) || of.Is(tftypes.Bool)
	if !one.server.settings.Realistic || one.prior || above != "" || !scalar || strings.Contains(one.kind, ".") {
		return tftypes.Value{}, false
	}
	for _, read := range one.server.settings.Paths[one.kind] {
		if read == name {
			return tftypes.NewValue(of, tftypes.UnknownValue), true
		}
	}
	return tftypes.Value{}, false
}

// listed is how many elements a list of a cloud has: at most so many, and fewer in the other evaluation, so that what
// depends on their number differs. Most slice off three.
func (s *server) listed(most int) int {
	if s.settings.Realistic {
		return 3
	}
	return most
}

func (one *instance) ofType(path string, of tftypes.Type) tftypes.Value {
	switch kind := of.(type) {
	case tftypes.Object:
		items := map[string]tftypes.Value{}
		for _, name := range sortedKeys(kind.AttributeTypes) {
			items[name] = one.ofType(join(path, name), kind.AttributeTypes[name])
		}
		return tftypes.NewValue(of, items)
	case tftypes.List, tftypes.Set:
		items, many := []tftypes.Value{}, 1
		if strings.HasPrefix(one.kind, "data.") && elementType(of).Is(tftypes.String) {
			many = one.server.listed(4) // what a cloud lists has several elements more often than one: subnets, hosts
		}
		for i := 0; i < many; i++ {
			items = append(items, one.ofType(path+"."+strconv.Itoa(i), elementType(of)))
		}
		return tftypes.NewValue(of, items)
	case tftypes.Map:
		items := map[string]tftypes.Value{}
		for _, key := range one.keysBelow(path) {
			items[key] = one.ofType(join(path, key), kind.ElementType)
		}
		return tftypes.NewValue(of, items)
	}
	switch {
	case of.Is(tftypes.String):
		return tftypes.NewValue(of, one.value(path))
	case of.Is(tftypes.Number): // whatever depends on it differs between both evaluations
		if one.server.settings.Realistic {
			return tftypes.NewValue(of, 2)
		}
		return tftypes.NewValue(of, 1)
	case of.Is(tftypes.Bool):
		return tftypes.NewValue(of, one.server.settings.Realistic)
	case of.Is(tftypes.DynamicPseudoType):
		return dynamic(one.shaped(path))
	}
	return tftypes.NewValue(of, nil)
}

// shaped is a value of the shape in which the configuration reads a path: an object with the keys it names, else a text.
func (one *instance) shaped(path string) any {
	keys := one.keysBelow(path)
	if len(keys) == 0 {
		return one.value(path)
	}
	if _, err := strconv.Atoi(keys[0]); err == nil || keys[0] == "*" {
		for _, key := range keys[1:] {
			if _, err := strconv.Atoi(key); err != nil && key != "*" {
				return one.shapedObject(path, keys)
			}
		}
		return []any{one.shaped(path + "." + keys[0])}
	}
	return one.shapedObject(path, keys)
}

func (one *instance) shapedObject(path string, keys []string) any {
	made := map[string]any{}
	for _, key := range keys {
		made[key] = one.shaped(join(path, key))
	}
	return made
}

// keysBelow lists the keys that the configuration names directly below a path, sorted.
func (one *instance) keysBelow(path string) []string {
	found := map[string]bool{}
	for _, mentioned := range one.server.settings.Paths[one.kind] {
		if rest, ok := strings.CutPrefix(mentioned, path+"."); ok {
			key, _, _ := strings.Cut(rest, ".")
			found[key] = true
		}
	}
	return sortedKeys(found)
}

// value makes up a text in the form that such an attribute has, and notes it.
func (one *instance) value(path string) string {
	token := one.token(path)
	made := one.form(path, token)
	one.made = append(one.made, standIn{Path: path, Value: made, Token: token})
	return made
}

func (one *instance) token(path string) string {
	sum, _ := hex.DecodeString(digest(one.key, path, one.server.settings.Seed))
	if one.server.settings.Realistic {
		if called := one.called(); called != "" {
			return called
		}
		return hex.EncodeToString(sum[:9])
	}
	return fmt.Sprintf("gateref%dz", binary.BigEndian.Uint64(sum)%1_000_000_000_000_000)
}

// called is the name the configuration gives, by the arguments that name things.
func (one *instance) called() string {
	return textOf(one.config, "name", "bucket", "function_name", "account_id", "role_id", "cluster_name", "identifier",
		"cluster_identifier", "repository_name", "display_name", "domain", "title")
}
