# METADATA
# title: Wildcard in an RBAC rule
# description: |
#   A rule allows every verb or every resource. That includes verbs such as escalate, bind and impersonate,
#   subresources such as pods/exec, and every kind that is installed later. In the whole cluster it is denied; in one
#   namespace, or on custom resources that grant nothing else, it is a warning. On the kinds of one group of custom
#   resources, and for every verb on named kinds, it weighs as much as the escalation paths that it opens. Read access
#   to all kinds of a group without sensitive kinds is not reported.
# custom:
#   id: wildcard-rbac
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.3"]
#   remediation: >-
#     Replace the wildcard with the verbs and resources that are used; kubectl auth can-i --list shows the current
#     permissions of an account.
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.wildcard_rbac

import data.gate.lib
import data.gate.lib.kubernetes
import data.gate.lib.rights

findings contains finding if {
	some id, weighed in _wildcards
	identity := input.access.identities[id]
	keys := kubernetes.own(identity, sort(object.keys(weighed)))
	count(keys) > 0
	grants := [grant | some key in keys; grant := input.access.grants[key]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grants[0].source.address,
		"severity": kubernetes.severity(identity, lib.worst({weighed[key] | some key in keys})),
		"confidence": kubernetes.confidence(identity),
		"message": sprintf("%s holds %s, through %s.", [
			kubernetes.who(id, identity), lib.listed({_said(grant) | some grant in grants}), kubernetes.through(grants),
		]),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grant, concat("; ", _patterns(grant))) | some grant in grants],
		"facts": {sprintf("%s through %s", [_said(grant), grant.source.address]) | some grant in grants},
	})
}

# Per identity: the grants with a wildcard and what they weigh.
_wildcards[holder][key] := weight if {
	some key, grant in input.access.grants
	grant.platform == "kubernetes"
	count(grant.wildcards) > 0
	not kubernetes.named(grant)
	some holder in grant.holders
	not lib.administrator(holder)
	not _reads_a_group(key, grant)
	weight := _bounded(holder, key, grant, _weight(kubernetes.reach(grant), key in _covering))
}

# What a star stands for can be told where it covers the kinds of one group of custom resources, or verbs alone: it
# weighs no more than the ways through it.
_bounded(holder, key, grant, weight) := lib.severities[min(ranks)] if {
	least := _least(grant)
	heaviest := lib.worst({least} | {way.severity | some way in rights.ways(holder); key in way.keys})
	ranks := {rank | some rank, name in lib.severities; name in {weight, heaviest}}
} else := weight

_least(grant) := "low" if {
	grant.rule.custom
} else := "medium" if {
	grant.rule.spelled_out
}

# Reading all kinds of one group, none of which gives anything away, widens by further kinds of the same group only.
_reads_a_group(key, grant) if {
	not key in _covering
	grant.rule.reads
	not grant.rule.every_group
}

# Grants that allow something sensitive.
_covering := {key |
	some identity in input.access.identities
	identity.platform == "kubernetes"
	some keys in identity.grants
	some key in keys
}

_weight("*", true) := "high"

_weight("*", false) := "low"

_weight(namespace, true) := "high" if namespace in data.gate.knowledge.kubernetes.system_namespaces

_weight(namespace, true) := "medium" if {
	namespace != "*"
	not namespace in data.gate.knowledge.kubernetes.system_namespaces
}

_said(grant) := sprintf("%s in %s", [
	lib.listed({sprintf("\"%s\"", [pattern]) | some pattern in _patterns(grant)}), _place(kubernetes.reach(grant)),
])

_patterns(grant) := [wildcard.pattern | some wildcard in grant.wildcards]

_place("*") := "the whole cluster"

_place(namespace) := sprintf("the namespace %s", [namespace]) if namespace != "*"
