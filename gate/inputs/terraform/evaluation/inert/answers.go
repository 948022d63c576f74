package main

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// read answers a data source: from the plan, from what is documented of it, else with stand-ins.
func (s *server) read(kind string, b block, config tftypes.Value, raw []byte) (tftypes.Value, error) {
	name := kind
	if !strings.HasPrefix(kind, "ephemeral.") {
		name = "data." + kind
	}
	one, err := s.instance(name, config, raw, nil)
	if err != nil {
		return config, err
	}
	one.known = one.answer(kind)
	items, given := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if err := config.As(&items); err != nil {
		return config, err
	}
	_ = config.As(&given)
	for attribute, a := range b.Attributes {
		if value, ok := one.known[attribute]; ok && a.Computed && given[attribute].IsNull() {
			items[attribute] = lenient(value, a.of)
		}
	}
	return one.filled(b, object(b, items), config), one.keep()
}

// answer is what is known of a data source, by attribute.
func (one *instance) answer(kind string) map[string]any {
	if known := one.planned(kind); known != nil {
		return known
	}
	at := one.server.place()
	switch kind {
	case "aws_iam_policy_document":
		return one.policyDocument()
	case "google_iam_policy":
		return map[string]any{"policy_data": googlePolicy(one.config)}
	case "aws_caller_identity":
		return map[string]any{"account_id": at.account, "id": at.account}
	case "aws_region":
		region := textOf(one.config, "name", "region")
		if region == "" {
			region = at.region
		}
		return map[string]any{"name": region, "region": region, "id": region, "endpoint": "ec2." + region + ".amazonaws.com"}
	case "aws_partition":
		suffix := "amazonaws.com"
		if at.partition == "aws-cn" {
			suffix = "amazonaws.com.cn"
		}
		reversed := strings.Split(suffix, ".")
		for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
			reversed[i], reversed[j] = reversed[j], reversed[i]
		}
		return map[string]any{
			"partition": at.partition, "id": at.partition, "dns_suffix": suffix, "reverse_dns_prefix": strings.Join(reversed, "."),
		}
	case "aws_availability_zones":
		names := []any{} // most regions have three, the largest has six
		for _, letter := range "abcdef"[:one.server.listed(6)] {
			names = append(names, at.region+string(letter))
		}
		return map[string]any{"names": names, "id": at.region}
	case "aws_cloudfront_log_delivery_canonical_user_id":
		// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
		region := textOf(one.config, "region")
		if region == "" {
			region = at.region
		}
		if strings.HasPrefix(region, "cn-") {
			return map[string]any{"id": "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56"}
		}
		return map[string]any{"id": "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"}
	case "aws_default_tags":
		all, _ := (&instance{server: one.server, kind: "aws_default_tags", config: map[string]any{}}).computed("tags_all")
		return map[string]any{"tags": all, "id": "default_tags"}
	case "aws_arn":
		return arnParts(textOf(one.config, "arn"))
	case "aws_service_principal":
		return servicePrincipal(one.config, at)
	case "aws_iam_policy":
		return one.managedPolicy()
	case "local_file", "local_sensitive_file":
		return localFile(textOf(one.config, "filename"))
	}
	return nil
}

// planned is the plan's answer to the same question: one whose arguments are those of the configuration.
func (one *instance) planned(kind string) map[string]any {
	var found map[string]any
	for _, answer := range one.server.settings.Answers[kind] {
		if !one.asks(answer) {
			continue
		}
		if found != nil && !reflect.DeepEqual(found, answer) {
			return nil // two answers to one question: neither is certain
		}
		found = answer
	}
	return found
}

func (one *instance) asks(answer map[string]any) bool {
	for name, value := range one.config {
		if known, ok := answer[name]; ok && !sameAnswer(value, known) {
			return false
		}
	}
	return true
}

// sameAnswer compares what is asked with what was asked; a stand-in stands for any value.
func sameAnswer(asked, known any) bool {
	if s, ok := asked.(string); ok && strings.Contains(s, "gateref") {
		return true
	}
	switch a := asked.(type) {
	case []any:
		k, ok := known.([]any)
		if !ok || len(a) != len(k) {
			return false
		}
		for i := range a {
			if !sameAnswer(a[i], k[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		k, ok := known.(map[string]any)
		if !ok {
			return false
		}
		for name, value := range a {
			if value != nil && !sameAnswer(value, k[name]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(asked, known)
}

func (one *instance) policyDocument() map[string]any {
	document, err := policyJSON(one.config)
	if err != nil {
		return nil // the provider refuses it: the document is a stand-in, which nobody can review
	}
	pretty, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil
	}
	short, err := json.Marshal(document)
	if err != nil {
		return nil
	}
	return map[string]any{"json": string(pretty), "minified_json": string(short), "id": "0"}
}

// arnParts: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/arn
func arnParts(arn string) map[string]any {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return nil
	}
	return map[string]any{
		"id": arn, "partition": parts[1], "service": parts[2], "region": parts[3], "account": parts[4], "resource": parts[5],
	}
}

// servicePrincipal: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/service_principal
func servicePrincipal(config map[string]any, at place) map[string]any {
	service := textOf(config, "service_name")
	region := textOf(config, "region")
	if region == "" {
		region = at.region
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") && (service == "logs" || service == "codedeploy" || service == "elasticmapreduce") {
		suffix = "amazonaws.com.cn"
	}
	return map[string]any{
		"name": service + "." + suffix, "service_name": service, "suffix": suffix, "region": region,
		"id": service + "." + region + "." + suffix,
	}
}

// managedPolicy is the content of an AWS managed policy, by ARN or by name.
func (one *instance) managedPolicy() map[string]any {
	arn, name := textOf(one.config, "arn"), textOf(one.config, "name")
	if one.server.settings.Managed == "" || (arn == "" && name == "") {
		return nil
	}
	if arn != "" {
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) != 6 || parts[4] != "aws" || !strings.HasPrefix(parts[5], "policy/") {
			return nil
		}
		name = arn[strings.LastIndexByte(arn, '/')+1:]
	}
	document := line(filepath.Join(one.server.settings.Folder, one.server.settings.Managed), name)
	if document == "" {
		return nil
	}
	if arn == "" {
		arn = "arn:" + one.server.place().partition + ":iam::aws:policy/" + name
	}
	return map[string]any{"arn": arn, "id": arn, "name": name, "policy": document, "path": "/"}
}

// line is what follows a key and a tab in a compressed file.
func line(path, key string) string {
	packed, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return ""
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if found, ok := strings.CutPrefix(lines.Text(), key+"\t"); ok {
			return found
		}
	}
	return ""
}

// localFile reads what the configuration names, as file() does: no further than the copy where the system confines it.
func localFile(name string) map[string]any {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return map[string]any{"content": string(content), "content_base64": base64.StdEncoding.EncodeToString(content)}
}
