# METADATA
# title: Objects modified at admission
# description: |
#   Something in the change reads or modifies the objects of others before they are stored. For a mutating policy
#   (MutatingAdmissionPolicy, Kyverno, Gatekeeper) the fields that it writes are judged: permissions, identities, and
#   values that cannot be determined where they decide about either, are denied; what pods of others run is a warning;
#   labels, resources and the like are not reported. What it sets on a pod is also judged by node-takeover. A mutating
#   webhook decides at run time: one that is called for objects that carry an identity is a warning, because whoever
#   runs it can change every such object.
# custom:
#   id: objects-rewritten
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:CM-5", "NIST-800-53:AC-6"]
#   remediation: >-
#     Write the changed values out in the policy, for the kinds and namespaces that need it, or have each workload
#     declare them.
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.objects_rewritten

import data.gate.lib

findings contains finding if {
	some interceptor in input.access.interceptors
	interceptor.change != "delete"
	found := _found(interceptor)
	source := interceptor.source
	finding := lib.finding(rego.metadata.chain(), object.union(
		{
			"identity": null,
			"address": source.address,
			"severity": found.severity,
			"message": sprintf("%s %s.", [source.address, found.text]),
			"location": source.location,
			"evidence": [{
				"address": source.address, "statement": interceptor.kind, "location": source.location,
				"action": "changes", "resource": concat(", ", interceptor.seen),
			}],
			"facts": {sprintf("%s of %s: %s", [interceptor.kind, source.address, found.text])},
		},
		{"remediation": fix | fix := found.fix},
	))
}

# Webhooks of the cluster; those outside of it are requests-leave-cluster's.
_found(interceptor) := {
	"severity": "medium",
	"text": sprintf(
		"sees and changes %s before they are stored: whoever runs the service behind it decides their content",
		[_kinds(interceptor.seen)],
	),
	"fix": concat(" ", [
		"Limit its rules to the kinds and namespaces that it needs, and keep write access to its service and workload",
		"to administrators.",
	]),
} if {
	interceptor.kind == "mutating webhook"
	interceptor.host == null
	_bears(interceptor.seen)
} else := {
	"severity": "low",
	"text": "receives every Secret that is written: whoever runs the service behind it can read them",
	"fix": "Remove Secrets from its rules.",
} if {
	interceptor.kind == "validating webhook"
	interceptor.host == null
	some seen in interceptor.seen
	_is_secrets(seen)
}

_found(interceptor) := {"severity": severity, "text": sprintf("changes %s when they are stored: %s", [
	_kinds(interceptor.seen), lib.listed({place | some place in told}),
])} if {
	interceptor.kind == "mutating policy"
	weights := {place: weight |
		some place in interceptor.writes
		weight := _weight(place, place in interceptor.opaque)
	}
	count(weights) > 0
	worst := lib.worst({weight | some weight in weights})
	told := [text | some place, weight in weights; weight == worst; text := _place(place, place in interceptor.opaque)]
	severity := _of_kinds(worst, interceptor.seen)
}

_place(place, true) := sprintf("%s, whose new value cannot be determined", [place])

_place(place, false) := place

# What bears no identity is worth a word.
_of_kinds(weight, seen) := weight if _bears(seen)

_of_kinds(_, seen) := "low" if not _bears(seen)

# What nobody knows may be what gives rights, where that lies below.
_weight(place, true) := "high" if {
	_above_something(place)
} else := weight if {
	[_, list] := _listed(place)
	weight := _weights[list].opaque
} else := "high" if not _listed(place)

_weight(place, false) := weight if {
	[_, list] := _listed(place)
	weight := _weights[list].known
} else := "medium" if not _listed(place)

_above_something(place) if {
	some list in ["heavy", "settings"]
	some held in data.gate.knowledge.kubernetes.rewriting.places[list]
	startswith(held, sprintf("%s.", [place]))
}

_weights := {
	"settings": {"opaque": "high"},
	"code": {"opaque": "medium", "known": "medium"},
	"heavy": {"opaque": "high", "known": "high"},
}

# The longest of the lists' places that a place is or lies in, and its list.
_listed(place) := max(found) if {
	found := {[count(prefix), list] |
		some list, prefixes in data.gate.knowledge.kubernetes.rewriting.places
		some prefix in prefixes
		_lies_in(place, prefix)
	}
	count(found) > 0
}

_lies_in(place, prefix) if place == prefix

_lies_in(place, prefix) if startswith(place, sprintf("%s.", [prefix]))

# A part of a key.
_lies_in(place, prefix) if {
	startswith(place, prefix)
	some end in ["/", "-"]
	endswith(prefix, end)
}

_kinds([]) := "objects"

_kinds(seen) := lib.listed({kind | some kind in seen}) if count(seen) > 0

# Whether one of the kinds bears identity; unknown kinds may.
_bears([])

_bears(seen) if {
	some kind in seen
	_is_bearing(kind)
}

_is_bearing(seen) if {
	parts := split(seen, "/")
	not _is_custom(parts[0])
	some part in parts
	part in data.gate.knowledge.kubernetes.rewriting.bearing
}

_is_secrets(seen) if {
	parts := split(seen, "/")
	parts[0] in {"secrets", "*"}
	parts[count(parts) - 1] in {"secrets", "*"}
}

_is_custom(group) if {
	contains(group, ".")
	group != "rbac.authorization.k8s.io"
}
