# METADATA
# title: Trust that nobody can use
# description: |
#   A statement of a trust policy lets nobody in as it is written: it names a principal that has been deleted, or one by
#   a pattern, which AWS refuses; StringEquals compares with a star; the subject mixes names with and without ids; or
#   the cluster that it trusts is deleted. Such a statement is no danger, but whoever mends it in a hurry makes it too
#   wide.
# custom:
#   id: unusable-trust
#   severity: low
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI1", "NIST-800-53:CM-6"]
#   remediation: "Write who is meant, exactly, or remove the statement."
# schemas:
#   - input: schema.envelope
package gate.rules.trust.unusable_trust

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.trusts

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	not edge.negated
	some why in _because(edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"message": sprintf("Nobody can become %s through statement %v of its trust policy: %s.", [
			id, edge.source.statement, why,
		]),
		"location": edge.source.location,
		"evidence": [{
			"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
			"action": concat(", ", edge.actions), "resource": edge.principal.value,
		}],
		"facts": {sprintf("%s: %s", [edge.principal.value, why])},
	})
}

# The provider of a cluster that is gone, kept.
findings contains finding if {
	some provider in input.access.providers
	provider.retired
	provider.value != null
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": provider.address,
		"message": sprintf("%s speaks for a cluster that this change deletes: %s.", [provider.address, provider.issuer]),
		"remediation": "Delete the provider and the statements that trust it together with the cluster.",
		"location": provider.source.location,
		"evidence": [{
			"address": provider.address, "statement": null, "location": provider.source.location,
			"action": "sts:AssumeRoleWithWebIdentity", "resource": provider.issuer,
		}],
		"facts": {sprintf("%s is retired", [provider.issuer])},
	})
}

# What is not looked for cannot be: services are no patterns, and most of them stand under no condition.
_because(edge) := {sprintf("%s is the id of a principal that has been deleted", [edge.principal.value])} if {
	edge.principal.kind == "dangling"
} else := _stars(edge) if {
	edge.principal.kind == "service"
} else := (_stars(edge) | _retiring(edge)) | _subjects(edge) if {
	edge.principal.kind == "oidc"
} else := _stars(edge) | _patterns(edge)

_patterns(edge) := {sprintf("AWS takes no pattern in the ARN of a principal (%s); %s", [value, instead]) |
	instead := "ArnLike on aws:PrincipalArn does"
	value := edge.principal.value
	edge.principal.identity == null
	startswith(value, "arn:")
	contains(value, "*")
}

_stars(edge) := {why |
	some condition in edge.conditions
	trim_prefix(lower(condition.operator), "foranyvalue:") in {"stringequals", "stringequalsignorecase"}
	conditions.counts(condition)
	every value in condition.values { contains(value, "*") }
	why := sprintf("%s compares %s with %s as it stands, and a star is not a wildcard there", [
		condition.operator, condition.key, concat(", ", condition.values),
	])
}

_retiring(edge) := {sprintf("this change deletes %s, which speaks for %s", [_retired[issuer], issuer]) |
	issuer := split(edge.principal.value, "oidc-provider/")[1]
}

# The values of one condition are alternatives: one that can be right is enough.
_subjects(edge) := {why |
	some condition in edge.conditions
	endswith(condition.key, "token.actions.githubusercontent.com:sub")
	conditions.counts(condition)
	some why in (_mixed(condition.values) | _of_others(condition.values, edge))
}

_mixed(subjects) := {why |
	every subject in subjects { regex.match(`^repo:(?:[^/@]+@[^/]*/[^:@*?]+|[^/@*?]+/[^:@]+@[^:]*)(?::|$)`, subject) }
	why := sprintf("%s has the id of only one of owner and repository, and GitHub writes both or none", [
		concat(", ", subjects),
	])
}

_of_others(subjects, edge) := {why |
	some claim, pattern in {
		"repository_id": `^repo:[^/]+/[^:@]+@([0-9]+)(?::|$)`,
		"repository_owner_id": `^repo:[^/@]+@([0-9]+)/`,
	}
	some condition in edge.conditions
	endswith(condition.key, sprintf(":%s", [claim]))
	conditions.counts(condition)
	every subject in subjects {
		found := regex.find_all_string_submatch_n(pattern, subject, 1)
		count(found) == 1
		not found[0][1] in condition.values
	}
	why := sprintf("%s belongs to another repository than the %s %s", [
		concat(", ", subjects), claim, concat(", ", condition.values),
	])
}

# issuer → address of what the change deletes. (Whole: a look-up in a partial rule would go through all of it.)
_retired := {issuer: min(addresses) | some issuer, addresses in _deleted}

_deleted[provider.issuer] contains provider.address if {
	some provider in input.access.providers
	provider.retired
}
