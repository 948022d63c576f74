# METADATA
# title: Resource open to a foreign account
# description: |
#   The policy of a resource allows an account that is neither the account of the change, nor listed under `accounts`
#   in gate.yaml, nor one of AWS's own for load balancer logs. Whoever can change what a workload runs acts as its
#   role: at least high, and critical for the role of an administrator. Otherwise, if the account of the change cannot
#   be determined, it is a warning; so is an account named only by its canonical id, or one on whose behalf a service
#   acts (aws:SourceAccount, aws:SourceArn). The legacy origin access identity of CloudFront is a low warning.
# custom:
#   id: resource-policy-foreign
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI3", "OWASP-NHI:NHI5", "NIST-800-53:AC-3"]
#   remediation: "Remove the account from the resource's policy, or list it under accounts in gate.yaml."
# schemas:
#   - input: schema.envelope
package gate.rules.trust.resource_policy_foreign

import data.gate.lib
import data.gate.lib.conditions

_kinds := {"account", "role", "user", "session"}

findings contains finding if {
	some grant in input.access.resource_grants
	not grant.negated
	some account in _foreign(grant)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": grant.source.address,
		"severity": _weight(grant),
		"confidence": _confidence(grant.principal),
		"message": sprintf("%s can do %s on %s%s, and %s, through %s.", [
			_account(account), lib.listed({action | some action in grant.actions}), grant.resource,
			_and_so(grant), _because(grant.principal, account), grant.source.address,
		]),
		"remediation": _remedy(grant, account),
		"location": grant.source.location,
		"evidence": [{
			"address": grant.source.address, "statement": grant.source.statement, "location": grant.source.location,
			"action": concat(", ", grant.actions), "resource": grant.resource,
		}],
		"facts": {sprintf("%s: %s on %s when %s", [
			grant.principal.value, concat(", ", sort(grant.actions)), grant.resource, lib.conditions_text(grant),
		])},
	})
}

# What a foreign account has a service do.
findings contains finding if {
	some grant in input.access.resource_grants
	grant.principal.kind in {"service", "anyone"}
	not grant.negated
	some account in conditions.sources(grant.conditions)
	not _ours(account)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": grant.source.address,
		"severity": "medium",
		"confidence": "unverified",
		"message": sprintf("Account %s can make %s do %s on %s, and the change does not show that it is yours, through %s.", [
			account, _acting(grant.principal), lib.listed({action | some action in grant.actions}),
			grant.resource, grant.source.address,
		]),
		"remediation": concat(" ", [
			"List the account under accounts in gate.yaml, or write the account that is meant in",
			"aws:SourceAccount and aws:SourceArn.",
		]),
		"location": grant.source.location,
		"evidence": [{
			"address": grant.source.address, "statement": grant.source.statement, "location": grant.source.location,
			"action": concat(", ", grant.actions), "resource": grant.resource,
		}],
		"facts": {sprintf("%s for %s: %s on %s", [
			grant.principal.value, account, concat(", ", sort(grant.actions)), grant.resource,
		])},
	})
}

# Nobody can tell from a canonical id whose account it is.
findings contains finding if {
	some grant in input.access.resource_grants
	grant.principal.kind in {"canonical", "origin_access"}
	grant.principal.own_account != true
	not grant.negated
	not _of_aws(grant.principal)
	called := _called(grant.principal)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": grant.source.address,
		"severity": called.severity,
		"confidence": "unverified",
		"message": sprintf("%s can do %s on %s, through %s.", [
			called.who, lib.listed({action | some action in grant.actions}), grant.resource, grant.source.address,
		]),
		"remediation": called.remedy,
		"location": grant.source.location,
		"evidence": [{
			"address": grant.source.address, "statement": grant.source.statement, "location": grant.source.location,
			"action": concat(", ", grant.actions), "resource": grant.resource,
		}],
		"facts": {sprintf("%s: %s on %s when %s", [
			grant.principal.value, concat(", ", sort(grant.actions)), grant.resource, lib.conditions_text(grant),
		])},
	})
}

_acting(principal) := principal.value if principal.kind == "service"

_acting(principal) := "AWS services" if principal.kind == "anyone"

_of_aws(principal) if principal.value in data.gate.knowledge.aws.accounts.canonical_of_aws

# The data source that answers with it, where nothing was asked yet.
_of_aws(principal) if principal.name in data.gate.knowledge.aws.accounts.data_sources_of_aws

_called(principal) := {
	"who": sprintf("A CloudFront distribution with the legacy origin access identity %s", [principal.name]),
	"severity": "low",
	"remedy": "Use origin access control: let in cloudfront.amazonaws.com with aws:SourceArn of the distribution.",
} if {
	principal.kind == "origin_access"
} else := {
	"who": sprintf("An account that the change names only by its canonical id %s", [principal.value]),
	"severity": "medium",
	"remedy": "Name the account by its number or ARN, so that a reviewer can see whose it is.",
}

# The account that a statement names, as principal or as the only accounts that anyone may come from.
_foreign(grant) := {account} if {
	grant.principal.kind in _kinds
	grant.principal.own_account != true
	account := grant.principal.account
	not _ours(account)
	not _our_organization(grant)
}

_foreign(grant) := {account |
	some account in conditions.accounts(grant.conditions)
	not _ours(account)
} if {
	grant.principal.kind == "anyone"
	not _our_organization(grant)
}

_ours(account) if account in input.config.accounts

_ours(account) if account in input.access.own_accounts

_ours(account) if account in data.gate.knowledge.aws.accounts.of_aws

_our_organization(grant) if {
	found := conditions.organizations(grant.conditions)
	count(found) > 0
	count(found - {organization | some organization in input.config.organizations}) == 0
}

_known(principal) if {
	principal.own_account == false
	not principal.account in _no_value
}

_known(principal) if {
	principal.kind == "anyone"
	count(input.access.own_accounts) > 0
}

# Who changes what runs acts as its role, as if the role's trust policy let it in.
_weight(grant) := "critical" if {
	some id in grant.acted_as
	lib.administrator(id)
} else := "high" if {
	count(grant.acted_as) > 0
} else := _severity(grant.principal)

_and_so(grant) := "" if count(grant.acted_as) == 0

_and_so(grant) := sprintf(", which runs as %s", [lib.listed(grant.acted_as)]) if count(grant.acted_as) > 0

_severity(principal) := "high" if _known(principal)

_severity(principal) := "medium" if not _known(principal)

_confidence(principal) := "proven" if _known(principal)

_confidence(principal) := "unverified" if not _known(principal)

# What stands in the place of the number has no value: a variable, in practice.
_no_value := {null, "", "null"}

_account(account) := sprintf("Account %s", [account]) if not account in _no_value

_account(account) := "An account with an unknown number" if account in _no_value

_because(_, account) := "the input does not show which it is" if account in _no_value

_because(principal, account) := "it is not one of your accounts" if {
	not account in _no_value
	_known(principal)
}

_because(principal, account) := "the change does not show whether it is yours" if {
	not account in _no_value
	not _known(principal)
}

_remedy(_, account) := sprintf("Give the variable that holds its number a value (%s), and check again.", [options]) if {
	account in _no_value
	options := "--var NAME=VALUE, --var-file FILE"
}

_remedy(grant, account) := _listed_or_out(grant) if not account in _no_value

# A key policy without the statement of its own account locks the owner out (default key policy, KMS developer guide).
_listed_or_out(grant) := concat("", [
	"List the account under accounts in gate.yaml if it is yours; if it is not, name your own account in its place: ",
	"a key policy that names none of its owner locks the owner out.",
]) if {
	"kms" in grant.services
}

_listed_or_out(grant) := "Remove the account from the resource's policy, or list it under accounts in gate.yaml." if {
	not "kms" in grant.services
}
