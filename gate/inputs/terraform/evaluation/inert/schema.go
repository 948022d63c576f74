package main

import (
	"bytes"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// providerFile is the schema of one provider, reduced to the types a configuration uses, in the shape of
// `terraform providers schema -json`: https://developer.hashicorp.com/terraform/cli/commands/providers/schema
type providerFile struct {
	Address   string                `json:"address"`
	Provider  typeSchema            `json:"provider"`
	Resources map[string]typeSchema `json:"resource_schemas"`
	Data      map[string]typeSchema `json:"data_source_schemas"`
	Ephemeral map[string]typeSchema `json:"ephemeral_resource_schemas"`
	Functions []string              `json:"functions"`
}

type typeSchema struct {
	Version  int64                `json:"version"`
	Block    block                `json:"block"`
	Identity map[string]attribute `json:"identity"` // of a resource that has one: its attributes
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	BlockTypes map[string]nested    `json:"block_types"`

	of    tftypes.Object // its values; worked out once
	loose bool           // something dynamic is in it
}

type attribute struct {
	Type      json.RawMessage `json:"type"`
	Computed  bool            `json:"computed"`
	Sensitive bool            `json:"sensitive"`
	WriteOnly bool            `json:"write_only"`

	of tftypes.Type
}

type nested struct {
	NestingMode string `json:"nesting_mode"`
	Block       block  `json:"block"`
}

var nestingModes = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	"map":    tfprotov6.SchemaNestedBlockNestingModeMap,
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
}

// schema is what Terraform gets. Nothing is required and no number of blocks is asked for, so that a configuration
// written for another version of the provider is not refused.
func (s typeSchema) schema() *tfprotov6.Schema {
	return &tfprotov6.Schema{Version: s.Version, Block: s.Block.schema()}
}

// identities are the schemas of what identifies resources: https://developer.hashicorp.com/terraform/plugin/framework/resources/identity
func identities(of map[string]typeSchema) map[string]*tfprotov6.ResourceIdentitySchema {
	found := map[string]*tfprotov6.ResourceIdentitySchema{}
	for kind, one := range of {
		if len(one.Identity) == 0 {
			continue
		}
		found[kind] = &tfprotov6.ResourceIdentitySchema{}
		for name, a := range one.Identity {
			found[kind].IdentityAttributes = append(found[kind].IdentityAttributes, &tfprotov6.ResourceIdentitySchemaAttribute{
				Name: name, Type: parsed(a.Type), OptionalForImport: true,
			})
		}
	}
	return found
}

func (b block) schema() *tfprotov6.SchemaBlock {
	served := &tfprotov6.SchemaBlock{}
	for name, a := range b.Attributes {
		served.Attributes = append(served.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: a.of, Optional: true,
			Computed: a.Computed && !a.WriteOnly, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		})
	}
	for name, n := range b.BlockTypes {
		served.BlockTypes = append(served.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: n.Block.schema(), Nesting: nestingModes[n.NestingMode],
		})
	}
	return served
}

// ready is the block with its types worked out.
//
// The type of its values is the one that Terraform's core has: blocks in a list or a map that hold a dynamic attribute
// are dynamic themselves, since elements of a list have one type.
// https://github.com/hashicorp/terraform/blob/v1.11.4/internal/configs/configschema/implied_type.go
func (b block) ready() block {
	types := map[string]tftypes.Type{}
	for name, a := range b.Attributes {
		a.of = parsed(a.Type)
		b.Attributes[name] = a
		types[name] = a.of
		b.loose = b.loose || a.of.Is(tftypes.DynamicPseudoType)
	}
	for name, n := range b.BlockTypes {
		n.Block = n.Block.ready()
		b.BlockTypes[name] = n
		b.loose = b.loose || n.Block.loose
		switch {
		case n.NestingMode == "single":
			types[name] = n.Block.of
		case n.NestingMode == "set":
			types[name] = tftypes.Set{ElementType: n.Block.of}
		case n.Block.loose:
			types[name] = tftypes.DynamicPseudoType
		case n.NestingMode == "map":
			types[name] = tftypes.Map{ElementType: n.Block.of}
		default:
			types[name] = tftypes.List{ElementType: n.Block.of}
		}
	}
	b.of = tftypes.Object{AttributeTypes: types}
	return b
}

func (f *providerFile) ready() {
	f.Provider.Block = f.Provider.Block.ready()
	for _, types := range []map[string]typeSchema{f.Resources, f.Data, f.Ephemeral} {
		for name, one := range types {
			one.Block = one.Block.ready()
			types[name] = one
		}
	}
}

// parsed is dynamic for what is not a type of Terraform's.
func parsed(notation json.RawMessage) tftypes.Type {
	if len(notation) == 0 || bytes.Equal(notation, []byte(`"dynamic"`)) {
		return tftypes.DynamicPseudoType
	}
	found, err := tftypes.ParseJSONType(notation) //nolint:staticcheck // the only parser of that notation there is
	if err != nil {
		return tftypes.DynamicPseudoType
	}
	return found
}
