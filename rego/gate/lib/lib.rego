# METADATA
# description: |
#   What every rule shares: the constructor of findings and readers of the access model.
#   A finding's metadata comes from the annotations of the rule's own package.
package gate.lib

severities := ["low", "medium", "high", "critical"]

# finding builds a finding from the metadata chain of the rule that calls it (`rego.metadata.chain()`) and its details.
#
# details:
#   identity    id of the identity judged, or null
#   address     the resource to change
#   message     one sentence: who can do what, through what
#   location    {file, line, end_line} or null
#   evidence    list of {address, statement, action, resource, ...}: what the judgement rests on
#   facts       set of strings: the access described, without line numbers. Two uses: the fingerprint, and telling what
#               was there before: a finding is `preexisting` when the side before the change had all its facts, in
#               findings that weighed no less.
# optional: path, severity, confidence, remediation (default: the rule's own); holders: of a finding without identity,
# those it is about
finding(chain, details) := object.union(
	{
		"rule": _annotations(chain).custom.id,
		"title": _annotations(chain).title,
		"severity": _annotations(chain).custom.severity,
		"confidence": _annotations(chain).custom.confidence,
		"remediation": _annotations(chain).custom.remediation,
		"frameworks": object.get(_annotations(chain).custom, "frameworks", []),
		"path": [],
	},
	details,
)

_annotations(chain) := [link.annotations | some link in chain; link.annotations.scope == "package"][0]

# evidence of one grant for one action, as a finding carries it.
evidence(grant, action) := {
	"address": grant.source.address,
	"statement": grant.source.statement,
	"action": action,
	"resource": concat(", ", grant.resources),
	"location": grant.source.location,
}

# missing: whether a field of the model says nothing: `missing(identity.lifecycle, "owner")`. A field without a value is
# null, and null is a value in Rego: `not identity.lifecycle.owner` never holds.
missing(part, field) if object.get(part, field, null) == null

# conditions_text: the conditions of a grant as short texts, for messages and facts.
conditions_text(grant) := concat(" and ", sort([text |
	some condition in grant.conditions
	text := sprintf("%s %s %s", [condition.key, condition.operator, concat("|", condition.values)])
]))

# plural of a counted noun: `plural(1, "role")` is "1 role".
plural(1, noun) := sprintf("1 %s", [noun])

plural(n, noun) := sprintf("%d %ss", [n, noun]) if n != 1

# acts: whether the identity speaks for itself. A group's members hold what the group holds and are judged in its place.
acts(identity) if identity.kind != "group"

acts(identity) if {
	identity.kind == "group"
	count([member | some member in identity.members; input.access.identities[member]]) == 0
}

# source of an identity: where it is written; of one from outside of the change, its id.
source(id) := found if {
	found := input.access.identities[id].source
	found != null
} else := {"address": id, "statement": null, "location": null}

# administrator: one reason is enough; narrower rules leave such an identity to effective-admin.
administrator(id) if input.access.identities[id].all_access == "unconditional"

# listed: "a", "a and b", "a, b and c", "a, b, c and 4 others", sorted.
listed(items) := in_order(sort(items))

# in_order: the same of a list, as it stands.
in_order(names) := "" if count(names) == 0

in_order(names) := sprintf("%s and %d others", [concat(", ", array.slice(names, 0, 3)), count(names) - 3]) if {
	count(names) > 4
}

in_order(names) := text if {
	count(names) in {2, 3, 4}
	last := count(names) - 1
	text := sprintf("%s and %s", [concat(", ", array.slice(names, 0, last)), names[last]])
}

in_order(names) := names[0] if count(names) == 1

# worst of some severities.
worst(found) := severities[max([rank | some rank, name in severities; name in found])]

# lowered severity of what a role may do that only services of AWS assume, none of which runs anybody's code: a warning
# at most.
lowered(id, severity) := "medium" if {
	id in _run_by_services
	severity in {"critical", "high"}
} else := severity

_run_by_services contains id if {
	some id, edges in input.access.trust
	every edge in edges {
		edge.principal.kind == "service"
		edge.principal.name in _without_code
	}
}

_without_code := {sprintf("%s.amazonaws.com", [name]) | some name in data.gate.knowledge.aws.services.without_code}
