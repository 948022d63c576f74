# METADATA
# title: Weak trust condition
# description: |
#   The trust policy names who can assume the role, but leaves a gap: MFA that is required only of callers who report
#   it, session tags that the caller chooses while access depends on tags, a source identity that the caller chooses,
#   more actions than needed, a subject by a name that its owner may give up, an audience or a kind of Cognito
#   identity that is not checked, or a role with powerful permissions for several compute services, for pods of any
#   cluster, for all users of a provider, or for everyone in the account without a permission of their own. None of
#   these admits a stranger by itself: a warning, except for an administrator that the whole account can assume.
# custom:
#   id: loose-trust
#   severity: low
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI4", "NIST-800-53:AC-3", "NIST-800-53:IA-8"]
#   remediation: "Restrict the condition to the one caller that is intended."
# schemas:
#   - input: schema.envelope
package gate.rules.trust.loose_trust

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.strength
import data.gate.lib.trusts

_known := data.gate.knowledge.aws.oidc

findings contains finding if {
	some id, edges in trusts.unusual
	some edge in edges
	not edge.negated
	some kind in _looked_for[edge.principal.kind]
	end := _end(kind, id, edge)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": edge.source.address,
		"severity": object.get(end, "severity", "low"),
		"message": sprintf("%s can assume %s: %s (statement %v of its trust policy).", [
			edge.principal.value, id, end.why, edge.source.statement,
		]),
		"remediation": end.remedy,
		"location": edge.source.location,
		"evidence": [_evidence(edge)],
		"facts": {sprintf("%s: %s", [edge.principal.value, end.why])},
	})
}

# Repositories by their names: one finding for each provider, however many roles it lets into.
findings contains finding if {
	some provider, named in _by_name
	edges := [item[1] | some item in sort([[edge.source.address, edge] | some [_, edge, _] in named])]
	ids := {id | some [id, _, _] in named}
	subjects := {subject | some [_, _, subject] in named}
	finding := lib.finding(rego.metadata.chain(), {
		"identity": _only(ids),
		"address": edges[0].source.address,
		"message": concat(" ", [
			sprintf("%s can assume %s: %s without ids:", [provider, lib.listed(ids), _naming(subjects)]),
			"after a rename or a deletion someone else can take the names, and a repository created since mid-2026 has",
			"ids in its subject.",
		]),
		"remediation": "Write the subject with ids, repo:OWNER@ID/REPOSITORY@ID:…, or add a condition on repository_id.",
		"location": edges[0].source.location,
		"evidence": [evidence | some evidence in {_evidence(edge) | some edge in edges}],
		"facts": {sprintf("%s: %s without ids", [provider, subject]) | some subject in subjects},
	})
}

_evidence(edge) := {
	"address": edge.source.address, "statement": edge.source.statement, "location": edge.source.location,
	"action": concat(", ", edge.actions), "resource": edge.principal.value,
}

_only(ids) := min(ids) if count(ids) == 1

_only(ids) := null if count(ids) > 1

_naming(subjects) := sprintf("%s names owner and repository", [lib.listed(subjects)]) if count(subjects) == 1

_naming(subjects) := sprintf("%s name owners and repositories", [lib.listed(subjects)]) if count(subjects) > 1

_by_name := {provider: found |
	some provider in {edge.principal.value | some [_, edge, _] in _named}
	found := {named | some named in _named; named[1].principal.value == provider}
}

_named contains [id, edge, subject] if {
	some id, edges in trusts.unusual
	some edge in edges
	edge.principal.kind == "oidc"
	not edge.negated
	count([condition | some condition in edge.conditions; condition.name in _known.ids; condition.counts]) == 0
	some condition in edge.conditions
	condition.name == "sub"
	condition.counts
	some subject in condition.values
	not subject in input.config.oidc_subjects
	regex.match(_known.names, subject)
	not subject in condition.wild
	not _for_many(subject)
}

# what is too wide whoever has the name
_for_many(subject) if {
	some issuer in _known.issuers
	some wide in issuer.wide
	regex.match(wide.pattern, subject)
}

# Which loose ends there can be, by who is let in. Roles always call with temporary credentials, which carry the key of
# MFA; tags and source identity of a federated session are what its provider says, not what the caller wants.
_ends := {
	"anyone": {"mfa", "tags", "name", "actions", "everyone"},
	"account": {"mfa", "tags", "name", "actions"},
	"user": {"mfa", "tags", "name", "actions"},
	"role": {"tags", "name", "actions", "itself"},
	"session": {"tags", "name", "actions"},
	"service": {"actions", "pods", "crowd"},
	"saml": {"actions", "users"},
	"oidc": {"actions", "case", "audience", "guests"},
}

# Of most of them nothing is in view: then no edge is asked.
_looked_for := {kind: left |
	some kind, ends in _ends
	left := ends - _absent
}

_absent contains "actions" if count(trusts.many_actions) == 0

_absent contains "audience" if count(trusts.audiences) == 0

_absent contains "pods" if count(trusts.for_pods) == 0

_absent contains "crowd" if count(trusts.crowds) == 0

_end("mfa", _, edge) := {
	"severity": "medium",
	"why": "MFA is required only of callers who report it, and a call with an access key does not",
	"remedy": concat(" ", [
		"Use Bool instead of BoolIfExists for aws:MultiFactorAuthPresent in an Allow, BoolIfExists instead of",
		"Bool in a Deny.",
	]),
} if {
	some condition in edge.conditions
	condition.name == "aws:multifactorauthpresent"
	condition.compares == "boolifexists"
	{lower(value) | some value in condition.values} == {"true"}
}

_end("tags", id, edge) := {
	"severity": "medium",
	"why": "the caller chooses its session tags, and tags decide what the role can reach",
	"remedy": "Limit sts:TagSession with aws:RequestTag/KEY and aws:TagKeys, or remove it.",
} if {
	edge.tags == "any"
	id in trusts.decided_by_tags
}

_end("name", _, edge) := {
	"why": "the caller chooses the source identity that logs show for it",
	"remedy": "Limit sts:SetSourceIdentity with a condition on sts:SourceIdentity.",
} if {
	edge.source_identity == "any"
	count(trusts.many_actions & {action | some action in edge.actions}) == 0
}

_end("actions", _, edge) := {
	"why": sprintf(
		"%s allows more than assuming the role: the caller can also tag its session and choose the name that logs show",
		[concat(", ", edge.actions)],
	),
	"remedy": concat(" ", [
		"Name the one action that the principal calls: sts:AssumeRole, sts:AssumeRoleWithSAML or",
		"sts:AssumeRoleWithWebIdentity.",
	]),
} if {
	some action in edge.actions
	action in trusts.many_actions
}

_end("itself", id, edge) := {
	"why": "the role trusts itself, so a stolen session can be renewed indefinitely",
	"remedy": "Remove the role from its own trust policy.",
} if {
	edge.principal.identity == id
}

_end("everyone", id, edge) := {
	"severity": _everyone[strength.of(id)],
	"why": sprintf(
		"every user and role in the account can assume it without a permission of its own, and it %s",
		[_strong[strength.of(id)]],
	),
	"remedy": concat(" ", [
		"Name who may assume the role, or the account in Principal: then only those whose own policies allow",
		"sts:AssumeRole can assume it.",
	]),
} if {
	named := conditions.identifying(edge.conditions)
	count(named) > 0
	every condition in named { _whole_account(condition) }
}

_end("case", _, edge) := {
	"why": sprintf(
		"StringEqualsIgnoreCase ignores the case of %s, and a name that differs only in case can belong to someone else",
		[min(keys)],
	),
	"remedy": "Use StringEquals.",
} if {
	keys := {condition.key |
		some condition in edge.conditions
		condition.name == "sub"
		condition.compares == "stringequalsignorecase"
		condition.counts
	}
	count(keys) > 0
}

_end("audience", _, edge) := {
	"severity": "medium",
	"why": sprintf("its provider accepts tokens for %s, and no condition selects one of them", [lib.listed(audiences)]),
	"remedy": "Require the intended audience with StringEquals, usually sts.amazonaws.com.",
} if {
	audiences := trusts.audiences[edge.principal.value]
	count([condition | some condition in edge.conditions; condition.name == "aud"; condition.counts]) == 0
}

_end("guests", id, edge) := {
	"severity": _guests[strength.of(id)],
	"why": "no condition requires that users of the identity pool have signed in",
	"remedy": concat(" ", [
		"Add ForAnyValue:StringLike cognito-identity.amazonaws.com:amr authenticated, or let the role do only",
		"what guests may.",
	]),
} if {
	edge.principal.name == "cognito-identity.amazonaws.com"
	count([condition | some condition in edge.conditions; condition.name == "aud"; condition.counts]) > 0
	not _signed_in(edge)
	not _for_guests_and_harmless(id, edge)
}

_end("users", id, edge) := {
	"why": sprintf("no condition selects users of the provider, and it %s", [_strong[strength.of(id)]]),
	"remedy": "Add a condition on an attribute of the user, such as SAML:sub or SAML:eduPersonAffiliation.",
} if {
	count([condition |
		some condition in edge.conditions
		condition.name in data.gate.knowledge.aws.conditions.user_keys
		condition.counts
	]) == 0
}

_end("pods", id, edge) := {
	"severity": "medium",
	"why": sprintf(
		"a service account of any cluster can be associated with it, and it %s",
		[_strong[strength.of(id)]],
	),
	"remedy": concat(" ", [
		"Pin the cluster, namespace and service account with aws:RequestTag/eks-cluster-arn, kubernetes-namespace",
		"and kubernetes-service-account.",
	]),
} if {
	id in trusts.for_pods
	edge.principal.value == "pods.eks.amazonaws.com"
	count(conditions.restricting(edge.conditions, ["aws:sourcearn", "aws:requesttag/"])) == 0
}

_end("crowd", id, edge) := {
	"severity": "medium",
	"why": sprintf("so can %s; whoever can pass it to one of them runs code as it, and it %s", [
		lib.listed(trusts.crowds[id] - {edge.principal.value}), _strong[strength.of(id)],
	]),
	"remedy": "Give each service a role of its own.",
} if {
	edge.principal.value == min(trusts.crowds[id])
}

_everyone := {"administrator": "high", "strong": "medium"}

_whole_account(condition) if condition.name in data.gate.knowledge.aws.conditions.account_keys

_whole_account(condition) if condition.covers == "whole account"

_guests := {"administrator": "high", "strong": "high", "ordinary": "medium"}

_signed_in(edge) if {
	some condition in edge.conditions
	condition.name == "amr"
	condition.counts
	every value in condition.values { not glob.match(value, null, "unauthenticated") }
}

# A role that is meant for guests is a danger only by what it may do.
_for_guests_and_harmless(id, edge) if {
	strength.of(id) == "ordinary"
	some condition in edge.conditions
	condition.name == "amr"
	condition.counts
}

# undefined for ordinary ones
_strong := {
	"administrator": "is an administrator",
	"strong": "has access to everything under a common prefix of secrets, keys, roles or machines",
}
