package main

import (
	"encoding/json"
	"sort"
)

// googlePolicy is the data source google_iam_policy:
// https://registry.terraform.io/providers/hashicorp/google/latest/docs/data-sources/iam_policy
func googlePolicy(config map[string]any) string {
	type condition struct {
		Description string `json:"description,omitempty"`
		Expression  string `json:"expression,omitempty"`
		Title       string `json:"title,omitempty"`
	}
	type binding struct {
		Condition *condition `json:"condition,omitempty"`
		Members   []string   `json:"members,omitempty"`
		Role      string     `json:"role,omitempty"`
	}
	type exempted struct {
		ExemptedMembers []string `json:"exemptedMembers,omitempty"`
		LogType         string   `json:"logType,omitempty"`
	}
	type audit struct {
		AuditLogConfigs []exempted `json:"auditLogConfigs,omitempty"`
		Service         string     `json:"service,omitempty"`
	}
	policy := struct {
		AuditConfigs []audit   `json:"auditConfigs,omitempty"`
		Bindings     []binding `json:"bindings,omitempty"`
	}{}
	for _, of := range objects(config["binding"]) {
		one := binding{Role: textOf(of, "role"), Members: texts(of["members"])}
		sort.Strings(one.Members)
		for _, c := range objects(of["condition"]) {
			one.Condition = &condition{textOf(c, "description"), textOf(c, "expression"), textOf(c, "title")}
		}
		policy.Bindings = append(policy.Bindings, one)
	}
	sort.SliceStable(policy.Bindings, func(i, j int) bool { return policy.Bindings[i].Role < policy.Bindings[j].Role })
	for _, of := range objects(config["audit_config"]) {
		one := audit{Service: textOf(of, "service")}
		for _, c := range objects(of["audit_log_configs"]) {
			one.AuditLogConfigs = append(one.AuditLogConfigs, exempted{texts(c["exempted_members"]), textOf(c, "log_type")})
		}
		policy.AuditConfigs = append(policy.AuditConfigs, one)
	}
	text, _ := json.Marshal(policy)
	return string(text)
}

func objects(from any) []map[string]any {
	items, _ := from.([]any)
	found := []map[string]any{}
	for _, item := range items {
		if of, ok := item.(map[string]any); ok {
			found = append(found, of)
		}
	}
	return found
}
