# METADATA
# title: Identity provider that others may control
# description: |
#   The change affects who can speak for the users of an identity provider. If the entity or the signing certificates
#   in SAML metadata are replaced, whoever holds the new key can sign in as any user. If an OIDC issuer is on a host
#   where anyone can publish, so can whoever holds or takes over the name there; a bucket that the same change creates
#   for the issuer belongs to you. Both can be intended, and somebody has to confirm it: a warning.
# custom:
#   id: identity-provider
#   severity: medium
#   confidence: possible
#   frameworks: ["OWASP-NHI:NHI4", "NIST-800-53:IA-8", "MITRE-ATTACK:T1484.002"]
#   remediation: >-
#     Have the owner of the identity provider confirm the keys or the host, and waive the finding with that owner's
#     name.
# schemas:
#   - input: schema.envelope
package gate.rules.trust.identity_provider

import data.gate.lib

_known := data.gate.knowledge.aws.oidc

findings contains finding if {
	some provider in input.access.providers
	some problem in [_keys(provider), _host(provider)]
	problem.why != ""
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": provider.address,
		"message": sprintf("%s %s%s.", [provider.address, problem.why, _into(provider)]),
		"location": provider.source.location,
		"evidence": [{
			"address": provider.address, "statement": null, "location": provider.source.location,
			"action": problem.action, "resource": provider.value,
		}],
		"facts": {problem.fact},
	})
}

default _keys(_) := {"why": ""}

_keys(provider) := {
	"why": "gets different signing keys or a different entity: whoever holds the keys decides who signs in",
	"action": "sts:AssumeRoleWithSAML",
	"fact": sprintf("signed by %v", [provider.keys]),
} if {
	provider.kind == "saml"
	provider.change == "update"
	provider.keys != provider.keys_before
}

default _host(_) := {"why": ""}

_host(provider) := {
	"why": sprintf(
		"trusts an issuer on a host where anyone can publish, %s: whoever holds that name decides whose tokens are accepted",
		[provider.issuer],
	),
	"action": "sts:AssumeRoleWithWebIdentity",
	"fact": sprintf("issuer %s", [provider.issuer]),
} if {
	provider.issuer != null
	provider.kept_by == null
	not provider.retired
	regex.match(_known.hosted, provider.issuer)
	not regex.match(_known.operated, provider.issuer)
}

_into(provider) := sprintf(" to %s", [lib.listed(roles)]) if {
	roles := {id | some id, edges in input.access.trust; some edge in edges; edge.principal.value == provider.value}
	count(roles) > 0
} else := ""
