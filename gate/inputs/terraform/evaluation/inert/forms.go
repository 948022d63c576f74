package main

import (
	"strings"
)

// services tells the service part and what stands before the name in the ARN of a type, where they do not follow from
// the type's own name. Service Authorization Reference, "Resource types defined by …".
var services = map[string][2]string{
	"aws_s3_bucket":                        {"s3", ""},
	"aws_iam_role":                         {"iam", "role/"},
	"aws_iam_user":                         {"iam", "user/"},
	"aws_iam_group":                        {"iam", "group/"},
	"aws_iam_policy":                       {"iam", "policy/"},
	"aws_iam_instance_profile":             {"iam", "instance-profile/"},
	"aws_iam_openid_connect_provider":      {"iam", "oidc-provider/"},
	"aws_iam_saml_provider":                {"iam", "saml-provider/"},
	"aws_sqs_queue":                        {"sqs", ""},
	"aws_sns_topic":                        {"sns", ""},
	"aws_lambda_function":                  {"lambda", "function:"},
	"aws_lambda_alias":                     {"lambda", "function:"},
	"aws_lambda_layer_version":             {"lambda", "layer:"},
	"aws_dynamodb_table":                   {"dynamodb", "table/"},
	"aws_kms_key":                          {"kms", "key/"},
	"aws_kms_alias":                        {"kms", "alias/"},
	"aws_secretsmanager_secret":            {"secretsmanager", "secret:"},
	"aws_secretsmanager_secret_version":    {"secretsmanager", "secret:"},
	"aws_cloudwatch_log_group":             {"logs", "log-group:"},
	"aws_cloudwatch_event_rule":            {"events", "rule/"},
	"aws_cloudwatch_event_bus":             {"events", "event-bus/"},
	"aws_sfn_state_machine":                {"states", "stateMachine:"},
	"aws_lb":                               {"elasticloadbalancing", "loadbalancer/app/"},
	"aws_alb":                              {"elasticloadbalancing", "loadbalancer/app/"},
	"aws_lb_target_group":                  {"elasticloadbalancing", "targetgroup/"},
	"aws_lb_listener":                      {"elasticloadbalancing", "listener/app/"},
	"aws_db_instance":                      {"rds", "db:"},
	"aws_rds_cluster":                      {"rds", "cluster:"},
	"aws_ssm_parameter":                    {"ssm", "parameter/"},
	"aws_instance":                         {"ec2", "instance/"},
	"aws_vpc":                              {"ec2", "vpc/"},
	"aws_subnet":                           {"ec2", "subnet/"},
	"aws_security_group":                   {"ec2", "security-group/"},
	"aws_launch_template":                  {"ec2", "launch-template/"},
	"aws_kinesis_firehose_delivery_stream": {"firehose", "deliverystream/"},
	"aws_kinesis_stream":                   {"kinesis", "stream/"},
	"aws_msk_cluster":                      {"kafka", "cluster/"},
	"aws_elasticsearch_domain":             {"es", "domain/"},
	"aws_opensearch_domain":                {"es", "domain/"},
	"aws_efs_file_system":                  {"elasticfilesystem", "file-system/"},
	"aws_api_gateway_rest_api":             {"apigateway", "/restapis/"},
	"aws_wafv2_web_acl":                    {"wafv2", "regional/webacl/"},
}

var global = map[string]bool{"iam": true, "s3": true, "cloudfront": true, "route53": true, "organizations": true}

// prefixes of ids that providers hand out. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
var idPrefixes = map[string]string{
	"aws_launch_template": "lt-", "aws_vpc": "vpc-", "aws_subnet": "subnet-", "aws_security_group": "sg-",
	"aws_instance": "i-",
}

// form is the text of a stand-in: what an attribute at a dotted path looks like after an apply, around token.
func (one *instance) form(path, token string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if isIndex(name) && strings.Contains(path, ".") {
		above := path[:strings.LastIndexByte(path, '.')]
		name = strings.TrimSuffix(above[strings.LastIndexByte(above, '.')+1:], "s")
	}
	kind := strings.TrimPrefix(one.kind, "data.")
	at := one.server.place()
	if strings.HasPrefix(kind, "google_") {
		if made, ok := one.googleForm(kind, name, token); ok {
			return made
		}
	}
	if strings.HasPrefix(kind, "azurerm_") && name == "id" {
		return azureID(kind, token)
	}
	switch {
	case name == "issuer" && kind == "aws_eks_cluster":
		// https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
		return "https://oidc.eks." + at.region + ".amazonaws.com/id/" + token
	case kind == "aws_sqs_queue" && (name == "url" || name == "id"):
		return "https://sqs." + at.region + ".amazonaws.com/" + at.account + "/" + token
	case name == "account_id" || name == "owner_id" || name == "registry_id":
		return at.account
	case strings.HasPrefix(kind, "aws_") && (name == "arn" || strings.HasSuffix(name, "_arn")):
		return one.arn(kind, name, token)
	case name == "id" && idPrefixes[kind] != "":
		return idPrefixes[kind] + token
	case strings.Contains(name, "ipv6") && strings.Contains(name, "cidr"):
		return "fd00::/56"
	case strings.Contains(name, "cidr"):
		return "10.0.0.0/16"
	case strings.HasSuffix(name, "_ip") || strings.HasSuffix(name, "ip_address"):
		return "10.0.0.1"
	case name == "issuer" || strings.HasSuffix(name, "url") || strings.HasSuffix(name, "endpoint"):
		return "https://" + token + ".invalid"
	}
	return token
}

func isIndex(name string) bool {
	return name != "" && strings.Trim(name, "0123456789") == ""
}

func (one *instance) arn(kind, name, token string) string {
	at := one.server.place()
	known, ok := services[kind]
	if !ok {
		parts := strings.SplitN(strings.TrimPrefix(kind, "aws_"), "_", 2)
		known = [2]string{parts[0], ""}
		if len(parts) == 2 {
			known[1] = strings.ReplaceAll(parts[1], "_", "-") + "/"
		}
	}
	region, account := at.region, at.account
	if global[known[0]] {
		region = ""
	}
	if known[0] == "s3" {
		account = ""
	}
	last := known[1] + token
	switch name {
	case "invoke_arn":
		return "arn:" + at.partition + ":apigateway:" + region + ":lambda:path/2015-03-31/functions/arn:" + at.partition +
			":lambda:" + region + ":" + account + ":function:" + token + "/invocations"
	case "execution_arn":
		return "arn:" + at.partition + ":execute-api:" + region + ":" + account + ":" + token
	case "stream_arn":
		return "arn:" + at.partition + ":" + known[0] + ":" + region + ":" + account + ":" + last + "/stream/2026-01-01T00:00:00.000"
	}
	return "arn:" + at.partition + ":" + known[0] + ":" + region + ":" + account + ":" + last
}

// googleForm: https://cloud.google.com/iam/docs/service-account-overview and each resource's "Attributes Reference".
func (one *instance) googleForm(kind, name, token string) (string, bool) {
	project := textOf(one.config, "project")
	if project == "" {
		project = one.server.place().project
	}
	if kind == "google_service_account" {
		account := textOf(one.config, "account_id")
		if account == "" {
			account = token
		}
		email := account + "@" + project + ".iam.gserviceaccount.com"
		switch name {
		case "email":
			return email, true
		case "member":
			return "serviceAccount:" + email, true
		case "id", "name":
			return "projects/" + project + "/serviceAccounts/" + email, true
		}
	}
	switch name {
	case "project", "project_id":
		return project, true
	case "self_link":
		return "https://www.googleapis.com/" + strings.TrimPrefix(kind, "google_") + "/" + token, true
	case "number", "project_number":
		return "100000000000", true
	}
	return "", false
}

func azureID(kind, token string) string {
	return "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/gate/providers/" +
		strings.TrimPrefix(kind, "azurerm_") + "/" + token
}
