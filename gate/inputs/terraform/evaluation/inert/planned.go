package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
	"google.golang.org/protobuf/encoding/protowire"
)

// plannedFile is what the gate needs to know of a binary plan so that Terraform can show it without its providers: what
// kind of value stands where, and no value.
type plannedFile struct {
	Version uint64         `json:"version"`
	Made    string         `json:"made"` // the version of Terraform that wrote it
	Changes []plannedShape `json:"changes"`
}

type plannedShape struct {
	Address  string `json:"address"`
	Provider string `json:"provider"`
	Values   []any  `json:"values"`
	Identity []any  `json:"identity"`
}

// Numbers of fields: https://github.com/hashicorp/terraform/blob/v1.13.3/internal/plans/planproto/planfile.proto, and as of
// OpenTofu the same.
const (
	planVersion, planChanges, planMade, planDrift, planDeferred = 1, 3, 14, 18, 27
	deferredChange                                              = 2
	changeProvider, changeOf, changeAddress                     = 8, 9, 13
	changeValues, changeBeforeIdentity, changeAfterIdentity     = 2, 7, 8
	dynamicMsgpack                                              = 1
)

// plannedCommand reads the entry "tfplan" of a plan file.
func plannedCommand(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	found := plannedFile{Changes: []plannedShape{}}
	err = fields(text, func(number protowire.Number, value []byte, small uint64) error {
		switch number {
		case planVersion:
			found.Version = small
		case planMade:
			found.Made = string(value)
		case planDeferred:
			return fields(value, func(number protowire.Number, value []byte, _ uint64) error {
				if number == deferredChange {
					return found.change(value)
				}
				return nil
			})
		case planChanges, planDrift:
			return found.change(value)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("not a plan as Terraform writes it: %w", err)
	}
	return json.NewEncoder(out).Encode(found)
}

func (of *plannedFile) change(text []byte) error {
	one := plannedShape{Values: []any{}, Identity: []any{}}
	err := fields(text, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case changeAddress:
			one.Address = string(value)
		case changeProvider:
			one.Provider = string(value)
		case changeOf:
			return fields(value, func(number protowire.Number, value []byte, _ uint64) error {
				switch number {
				case changeValues:
					return shapes(value, &one.Values)
				case changeBeforeIdentity, changeAfterIdentity:
					return shapes(value, &one.Identity)
				}
				return nil
			})
		}
		return nil
	})
	of.Changes = append(of.Changes, one)
	return err
}

func fields(text []byte, visit func(number protowire.Number, value []byte, small uint64) error) error {
	for len(text) > 0 {
		number, kind, used := protowire.ConsumeTag(text)
		if used < 0 {
			return protowire.ParseError(used)
		}
		text = text[used:]
		var value []byte
		var small uint64
		switch kind {
		case protowire.BytesType:
			value, used = protowire.ConsumeBytes(text)
		case protowire.VarintType:
			small, used = protowire.ConsumeVarint(text)
		default:
			used = protowire.ConsumeFieldValue(number, kind, text)
		}
		if used < 0 {
			return protowire.ParseError(used)
		}
		if err := visit(number, value, small); err != nil {
			return err
		}
		text = text[used:]
	}
	return nil
}

func shapes(dynamic []byte, into *[]any) error {
	return fields(dynamic, func(number protowire.Number, value []byte, _ uint64) error {
		if number != dynamicMsgpack {
			return nil
		}
		found, err := shapeIn(msgpack.NewDecoder(bytes.NewReader(value)), 0)
		*into = append(*into, found)
		return err
	})
}

const deepestValue = 200

// shapeIn is a value without what it says: "string", "number", "bool", "unknown", "dynamic" or null, in lists and objects.
// A value of a dynamic type is a list of its type, as bytes, and itself: https://pkg.go.dev/github.com/zclconf/go-cty/cty/msgpack
func shapeIn(from *msgpack.Decoder, depth int) (any, error) {
	if depth > deepestValue {
		return nil, errors.New("a value without end")
	}
	code, err := from.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case code == msgpcode.Nil:
		return nil, from.Skip()
	case code == msgpcode.True || code == msgpcode.False:
		return "bool", from.Skip()
	case msgpcode.IsString(code):
		return "string", from.Skip()
	case msgpcode.IsBin(code):
		return "bytes", from.Skip()
	case msgpcode.IsExt(code):
		return "unknown", from.Skip()
	case msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32:
		many, err := from.DecodeArrayLen()
		items := []any{}
		for i := 0; err == nil && i < many; i++ {
			var item any
			item, err = shapeIn(from, depth+1)
			items = append(items, item)
		}
		if len(items) == 2 && items[0] == "bytes" {
			return "dynamic", err
		}
		return items, err
	case msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32:
		many, err := from.DecodeMapLen()
		items := map[string]any{}
		for i := 0; err == nil && i < many; i++ {
			var name string
			if name, err = from.DecodeString(); err == nil {
				items[name], err = shapeIn(from, depth+1)
			}
		}
		return items, err
	}
	return "number", from.Skip()
}
