package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// The data source aws_iam_policy_document, as the AWS provider evaluates it:
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
// What the provider does beyond its documentation (order, single values, merged blocks) is compared with it by a test.

type policyDocument struct {
	Version   string            `json:"Version,omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []policyStatement `json:"Statement,omitempty"`
}

type policyStatement struct {
	Sid          string `json:"Sid,omitempty"`
	Effect       string `json:"Effect,omitempty"`
	Action       any    `json:"Action,omitempty"`
	NotAction    any    `json:"NotAction,omitempty"`
	Resource     any    `json:"Resource,omitempty"`
	NotResource  any    `json:"NotResource,omitempty"`
	Principal    any    `json:"Principal,omitempty"`
	NotPrincipal any    `json:"NotPrincipal,omitempty"`
	Condition    any    `json:"Condition,omitempty"`
}

const currentVersion = "2012-10-17"

// policyJSON evaluates the arguments of one data source. An error is one that the provider raises too.
func policyJSON(config map[string]any) (policyDocument, error) {
	merged := policyDocument{}
	sids := map[string]bool{}
	for _, text := range texts(config["source_policy_documents"]) {
		source, err := parsePolicy(text)
		if err != nil {
			return merged, fmt.Errorf("source_policy_documents: %w", err)
		}
		for _, statement := range source.Statement {
			if statement.Sid != "" && sids[statement.Sid] {
				return merged, fmt.Errorf("duplicate Sid in source_policy_documents")
			}
			sids[statement.Sid] = true
		}
		merged.merge(source)
	}
	own, err := ownStatements(config)
	if err != nil {
		return merged, err
	}
	merged.merge(own)
	for _, text := range texts(config["override_policy_documents"]) {
		override, err := parsePolicy(text)
		if err != nil {
			return merged, fmt.Errorf("override_policy_documents: %w", err)
		}
		merged.merge(override)
	}
	return merged, nil
}

// merge adopts the later document's id, the higher version, and its statements: one with a known Sid replaces.
func (d *policyDocument) merge(later policyDocument) {
	if later.ID != "" {
		d.ID = later.ID
	}
	if later.Version > d.Version {
		d.Version = later.Version
	}
next:
	for _, statement := range later.Statement {
		for i := range d.Statement {
			if statement.Sid != "" && d.Statement[i].Sid == statement.Sid {
				d.Statement[i] = statement
				continue next
			}
		}
		d.Statement = append(d.Statement, statement)
	}
}

func ownStatements(config map[string]any) (policyDocument, error) {
	own := policyDocument{Version: textOf(config, "version"), ID: textOf(config, "policy_id")}
	if own.Version == "" {
		own.Version = currentVersion
	}
	sids := map[string]bool{}
	blocks, _ := config["statement"].([]any)
	for _, entry := range blocks {
		from, _ := entry.(map[string]any)
		statement := policyStatement{Sid: textOf(from, "sid"), Effect: textOf(from, "effect")}
		if statement.Effect == "" {
			statement.Effect = "Allow"
		}
		if statement.Sid != "" && sids[statement.Sid] {
			return own, fmt.Errorf("duplicate Sid")
		}
		sids[statement.Sid] = true
		statement.Action = several(texts(from["actions"]))
		statement.NotAction = several(texts(from["not_actions"]))
		v := variables{version: own.Version}
		statement.Resource = several(v.all(texts(from["resources"])))
		statement.NotResource = several(v.all(texts(from["not_resources"])))
		statement.Principal = principals(from["principals"], &v)
		statement.NotPrincipal = principals(from["not_principals"], &v)
		statement.Condition = conditions(from["condition"], &v)
		if v.refused {
			return own, fmt.Errorf("found &{ sequence in (…), which is not supported in document version %s", own.Version)
		}
		own.Statement = append(own.Statement, statement)
	}
	return own, nil
}

// variables turns &{…} into ${…}, which version 2008-10-17 does not know.
type variables struct {
	version string
	refused bool
}

func (v *variables) all(items []string) []string {
	for i, item := range items {
		if strings.Contains(item, "&{") {
			v.refused = v.refused || v.version == "2008-10-17"
			items[i] = strings.ReplaceAll(item, "&{", "${")
		}
	}
	return items
}

// several is nil for none, the text for one, else the texts in descending order.
func several(items []string) any {
	unique := map[string]bool{}
	for _, item := range items {
		unique[item] = true
	}
	switch kept := sortedKeys(unique); len(kept) {
	case 0:
		return nil
	case 1:
		return kept[0]
	default:
		sort.Sort(sort.Reverse(sort.StringSlice(kept)))
		return kept
	}
}

func principals(from any, v *variables) any {
	blocks, _ := from.([]any)
	if len(blocks) == 0 {
		return nil
	}
	found := map[string]any{}
	for _, entry := range blocks {
		of, _ := entry.(map[string]any)
		kind, identifiers := textOf(of, "type"), several(v.all(texts(of["identifiers"])))
		if len(blocks) == 1 && kind == "*" && identifiers == any("*") {
			return "*"
		}
		switch before := found[kind].(type) {
		case nil:
			if identifiers == nil {
				identifiers = []string{}
			}
			found[kind] = identifiers
		case string:
			found[kind] = append([]string{before}, listed(identifiers)...)
		case []string:
			found[kind] = append(before, listed(identifiers)...)
		}
	}
	return found
}

func listed(items any) []string {
	switch v := items.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	}
	return nil
}

func conditions(from any, v *variables) any {
	blocks, _ := from.([]any)
	if len(blocks) == 0 {
		return nil
	}
	found := map[string]map[string]any{}
	for _, entry := range blocks {
		of, _ := entry.(map[string]any)
		test, variable, values := textOf(of, "test"), textOf(of, "variable"), v.all(texts(of["values"]))
		if found[test] == nil {
			found[test] = map[string]any{}
		}
		switch before := found[test][variable].(type) {
		case nil:
			if len(values) == 1 {
				found[test][variable] = values[0]
			} else {
				found[test][variable] = values
			}
		case string:
			found[test][variable] = append([]string{before}, values...)
		case []string:
			found[test][variable] = append(before, values...)
		}
	}
	return found
}

func parsePolicy(text string) (policyDocument, error) {
	var found policyDocument
	var loose struct {
		Version   string          `json:"Version"`
		ID        string          `json:"Id"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &loose); err != nil {
		return found, fmt.Errorf("not a policy document")
	}
	found.Version, found.ID = loose.Version, loose.ID
	if len(loose.Statement) == 0 {
		return found, nil
	}
	if err := json.Unmarshal(loose.Statement, &found.Statement); err != nil {
		var one policyStatement
		if err := json.Unmarshal(loose.Statement, &one); err != nil {
			return found, fmt.Errorf("not a policy document")
		}
		found.Statement = []policyStatement{one}
	}
	for i := range found.Statement {
		found.Statement[i].tidy()
	}
	return found, nil
}

// tidy brings a parsed statement into the form the provider writes: nothing for an empty object,
// identifiers of principals in descending order.
func (s *policyStatement) tidy() {
	for _, part := range []*any{&s.Principal, &s.NotPrincipal, &s.Condition} {
		if of, ok := (*part).(map[string]any); ok && len(of) == 0 {
			*part = nil
		}
	}
	for _, part := range []any{s.Principal, s.NotPrincipal} {
		of, _ := part.(map[string]any)
		for kind, identifiers := range of {
			if items, ok := identifiers.([]any); ok {
				found := texts(items)
				sort.Sort(sort.Reverse(sort.StringSlice(found)))
				of[kind] = found
			}
		}
	}
}
