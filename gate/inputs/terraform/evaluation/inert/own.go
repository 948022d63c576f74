package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ownSettings is what a provider block says; raw tells equal blocks apart from others.
type ownSettings struct {
	raw    string
	config map[string]any
}

func (s *server) configured(config tftypes.Value, given *tfprotov6.DynamicValue) ownSettings {
	return ownSettings{raw: string(raw(given)), config: plainObject(config)}
}

// place is where a provider block works: from what it says, else the stand-ins of this evaluation.
type place struct {
	partition, region, account, project string
}

func (s *server) place() place {
	at := place{partition: "aws", region: textOf(s.own.config, "region"), project: textOf(s.own.config, "project")}
	if at.region == "" {
		at.region = s.settings.Region
	}
	if strings.HasPrefix(at.region, "cn-") {
		at.partition = "aws-cn"
	} else if strings.HasPrefix(at.region, "us-gov-") {
		at.partition = "aws-us-gov"
	}
	at.account = s.ownAccount()
	if at.project == "" {
		at.project = "gate-project"
	}
	return at
}

// ownAccount is the account a provider block works in, as far as the block itself tells: the account of the role that
// it assumes, else the only one that it allows.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
func (s *server) ownAccount() string {
	roles, _ := s.own.config["assume_role"].([]any)
	for _, role := range roles {
		of, _ := role.(map[string]any)
		if parts := strings.Split(textOf(of, "role_arn"), ":"); len(parts) == 6 && len(parts[4]) == 12 {
			return parts[4]
		}
	}
	if allowed := texts(s.own.config["allowed_account_ids"]); len(allowed) == 1 {
		return allowed[0]
	}
	return s.settings.Account
}

// computed is a value that the real provider computes while it plans, without asking anybody.
func (one *instance) computed(path string) (any, bool) {
	if path != "tags_all" || !strings.HasPrefix(one.kind, "aws_") {
		return nil, false
	}
	all := map[string]any{}
	blocks, _ := one.server.own.config["default_tags"].([]any)
	for _, entry := range blocks {
		of, _ := entry.(map[string]any)
		tags, _ := of["tags"].(map[string]any)
		for name, value := range tags {
			all[name] = value
		}
	}
	tags, _ := one.config["tags"].(map[string]any)
	for name, value := range tags {
		all[name] = value
	}
	return all, true
}
