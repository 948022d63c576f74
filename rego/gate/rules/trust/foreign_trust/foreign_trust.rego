# METADATA
# title: Role that a foreign account can assume
# description: |
#   The trust policy admits an account that is neither the account of the change nor listed under `accounts` in
#   gate.yaml. An exact external id prevents other customers of the third party from using the role, but does not
#   vouch for the third party: a warning. If the account of the change cannot be determined, the finding is
#   unverified.
# custom:
#   id: foreign-trust
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI1", "OWASP-NHI:NHI3", "NIST-800-53:AC-3"]
#   remediation: >-
#     Remove the account from the trust policy, or list it under accounts in gate.yaml and require an exact
#     sts:ExternalId.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.foreign_trust

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.trusts

_kinds := {"account", "role", "user", "session", "unknown"}

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	edge.principal.kind in _kinds
	not edge.negated
	edge.principal.own_account != true
	not edge.principal.account in input.config.accounts
	not _ours(edge)
	severity := _severity(edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": severity,
		"confidence": _confidence(edge.principal),
		"message": sprintf("%s can assume %s, and %s, through statement %v of its trust policy.", [
			edge.principal.value, id, _because(edge.principal), edge.source.statement,
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": edge.principal.value,
		}],
		"facts": {sprintf("%s when %s", [edge.principal.value, lib.conditions_text(edge)])},
	})
}

# Everybody in Principal, and conditions that leave a foreign account.
findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	edge.principal.kind == "anyone"
	not edge.negated
	foreign := {account |
		some account in conditions.accounts(edge.conditions)
		not account in input.config.accounts
		not account in input.access.own_accounts
	}
	count(foreign) > 0
	not _ours(edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": _severity(edge),
		"confidence": _sure,
		"message": sprintf("Account %s can assume %s by the conditions of statement %v of its trust policy, and %s.", [
			lib.listed(foreign), id, edge.source.statement, _not_ours,
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": lib.conditions_text(edge),
		}],
		"facts": {sprintf("%s when %s", [edge.principal.value, lib.conditions_text(edge)])},
	})
}

default _sure := "unverified"

_sure := "proven" if count(input.access.own_accounts) > 0

default _not_ours := "the change does not show whether that account is yours"

_not_ours := "that is not one of your accounts" if count(input.access.own_accounts) > 0

# An identity of this change, or an organisation that gate.yaml lists.
_ours(edge) if input.access.identities[edge.principal.identity].external == false

_ours(edge) if {
	found := conditions.organizations(edge.conditions)
	count(found) > 0
	count(found - {organization | some organization in input.config.organizations}) == 0
}

_severity(edge) := "medium" if conditions.external_id(edge.conditions)

_severity(edge) := "high" if not conditions.external_id(edge.conditions)

_confidence(principal) := "proven" if principal.own_account == false

_confidence(principal) := "unverified" if principal.own_account == null

_because(principal) := sprintf("account %s is not one of yours", [principal.account]) if principal.own_account == false

_because(principal) := "the change does not show whether that account is yours" if principal.own_account == null
