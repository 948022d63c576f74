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
	Block block `json:"block"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	BlockTypes map[string]nested    `json:"block_types"`
}

type attribute struct {
	Type      json.RawMessage `json:"type"`
	Computed  bool            `json:"computed"`
	Sensitive bool            `json:"sensitive"`
	WriteOnly bool            `json:"write_only"`
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
	return &tfprotov6.Schema{Block: s.Block.schema()}
}

func (b block) schema() *tfprotov6.SchemaBlock {
	served := &tfprotov6.SchemaBlock{}
	for name, a := range b.Attributes {
		served.Attributes = append(served.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: a.terraformType(), Optional: true,
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

// valueType is the type of a block's values as Terraform's core has it: blocks in a list or a map that hold a dynamic
// attribute are dynamic themselves, since elements of a list have one type.
// https://github.com/hashicorp/terraform/blob/v1.11.4/internal/configs/configschema/implied_type.go
func (b block) valueType() tftypes.Object {
	types := map[string]tftypes.Type{}
	for name, a := range b.Attributes {
		types[name] = a.terraformType()
	}
	for name, n := range b.BlockTypes {
		inner := n.Block.valueType()
		switch {
		case n.NestingMode == "single":
			types[name] = inner
		case n.NestingMode == "set":
			types[name] = tftypes.Set{ElementType: inner}
		case n.Block.dynamic():
			types[name] = tftypes.DynamicPseudoType
		case n.NestingMode == "map":
			types[name] = tftypes.Map{ElementType: inner}
		default:
			types[name] = tftypes.List{ElementType: inner}
		}
	}
	return tftypes.Object{AttributeTypes: types}
}

func (b block) dynamic() bool {
	for _, a := range b.Attributes {
		if a.terraformType().Is(tftypes.DynamicPseudoType) {
			return true
		}
	}
	for _, n := range b.BlockTypes {
		if n.Block.dynamic() {
			return true
		}
	}
	return false
}

// terraformType is dynamic for what is not a type of Terraform's.
func (a attribute) terraformType() tftypes.Type {
	if len(a.Type) == 0 || bytes.Equal(a.Type, []byte(`"dynamic"`)) {
		return tftypes.DynamicPseudoType
	}
	parsed, err := tftypes.ParseJSONType(a.Type) //nolint:staticcheck // the only parser of that notation there is
	if err != nil {
		return tftypes.DynamicPseudoType
	}
	return parsed
}
