# METADATA
# title: Privilege escalation through RBAC
# description: |
#   With these permissions an identity gains access that it was not given: it can write roles or bindings without the
#   API server's escalation check, impersonate others, read secrets or request tokens, run pods as another account, or
#   control nodes or admission webhooks. The paths are data (knowledge/kubernetes): each needs all of its permissions
#   in one scope, and resourceNames that limit a permission to harmless objects close the path. In a single namespace
#   most paths are a warning, unless an account with more permissions exists there: then they weigh what that account
#   can do.
# custom:
#   id: rbac-escalation
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.8"]
#   remediation: "Remove the permission, limit it with resourceNames, or grant it in one namespace with a Role."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.rbac_escalation

import data.gate.lib
import data.gate.lib.accounts
import data.gate.lib.kubernetes

findings contains finding if {
	some id, identity in input.access.identities
	identity.platform == "kubernetes"
	ways := _worth_saying(identity, accounts.ways(id))
	count(ways) > 0
	shown := array.slice(ways, 0, 3)
	keys := _keys(ways)
	actions := sort(union({way.actions | some way in ways}))
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": input.access.grants[keys[0]].source.address,
		"severity": kubernetes.severity(identity, ways[0].severity),
		"confidence": _confidence(identity, ways),
		"message": sprintf("%s can %s%s%s, through %s%s.", [
			kubernetes.who(id, identity), _gains(shown), _more(count(ways) - count(shown)), _becomes(ways),
			kubernetes.through_in_order([input.access.grants[key] | some key in keys]), _elsewhere(identity, ways),
		]),
		"remediation": concat("; ", _distinct([sprintf("%s: %s", [way.path.id, way.path.fix]) | some way in shown])),
		"location": input.access.grants[keys[0]].source.location,
		"evidence": [lib.evidence(input.access.grants[key], _used(identity, actions, key)) | some key in keys],
		"path": array.concat(_first_steps(id, ways), _next_steps(ways)),
		"facts": _facts(ways),
	})
}

_facts(ways) := {fact |
	some way in ways
	some key in way.keys
	some to in _led(way)
	fact := sprintf("%s in %s%s through %s", [
		way.path.id, kubernetes.place(way.scope), _account(way, to), input.access.grants[key].source.address,
	])
}

_first_steps(id, ways) := [step |
	some way in ways
	some to in _led(way)
	step := {"from": id, "via": way.path.id, "actions": sort(way.actions), "to": to}
]

_next_steps(ways) := _distinct([step |
	some way in ways
	some one in array.slice(way.stronger, 0, 5)
	some to in array.slice(one.then, 0, 5)
	step := {"from": one.id, "via": "what it can become", "actions": [], "to": to}
])

# Small ones are noise beside ways that are refused, and of a role that nobody is known to be bound to.
_worth_saying(identity, ways) := [way | some way in ways; way.severity != "low"] if {
	_small_is_noise(identity, ways)
} else := ways

_small_is_noise(_, ways) if ways[0].severity in {"critical", "high"}

_small_is_noise(identity, _) if identity.kind == "role"

# The accounts that can do more, of many the first; else the place.
_led(way) := [kubernetes.place(way.scope)] if count(way.stronger) == 0

_led(way) := [one.id | some one in array.slice(way.stronger, 0, 5)] if count(way.stronger) > 0

_account(way, _) := "" if count(way.stronger) == 0

_account(way, account) := sprintf(" as %s", [account]) if count(way.stronger) > 0

# Who is in a namespace outside of the change is not known.
_confidence(identity, _) := "possible" if identity.kind == "role"

_confidence(identity, ways) := "proven" if {
	identity.kind != "role"
	_any_proven(ways)
}

_confidence(identity, ways) := "possible" if {
	identity.kind != "role"
	not _any_proven(ways)
}

_any_proven(ways) if {
	some way in ways
	way.proven
	way.severity == ways[0].severity
}

# The keys of the grants used, those of the worst way first.
_keys(ways) := _distinct([key | some way in ways; some key in sort(way.keys)])

_distinct(items) := [item | some i, item in items; not item in array.slice(items, 0, i)]

_used(identity, actions, key) := concat(", ", [action | some action in actions; key in identity.grants[action]])

# One scope is said once, several with each way.
_gains(ways) := text if {
	count({way.scope | some way in ways}) == 1
	text := sprintf("(in %s) %s", [kubernetes.place(ways[0].scope), concat("; ", [_gain(way) | some way in ways])])
} else := concat("; ", [sprintf("(in %s) %s", [kubernetes.place(way.scope), _gain(way)]) | some way in ways])

_gain(way) := way.path.gains if not way.limited

_gain(way) := sprintf("%s, as far as resourceNames allow", [way.path.gains]) if way.limited

_more(0) := ""

_more(n) := sprintf("; and %s", [lib.plural(n, "more way")]) if n > 0

# The worst of those it leads to, and how many more there are.
_becomes(ways) := "" if {
	every way in ways { count(way.stronger) == 0 }
}

_becomes(ways) := sprintf(", and so become %s, which %s%s", [
	first.id, accounts.why(first), _others(count({one.id | some one in stronger}) - 1),
]) if {
	stronger := [one | some way in ways; some one in way.stronger]
	first := stronger[0]
}

_others(0) := ""

_others(n) := sprintf(", or %s", [lib.plural(n, "other account")]) if n > 0

# Who may run pods beside an account holds what it holds, elsewhere too.
_elsewhere(identity, ways) := sprintf(
	"; its own namespace is %s, and whoever can run pods there can do the same",
	[identity.namespace],
) if {
	_foreign(identity, ways[0].scope)
} else := ""

_foreign(identity, scope) if {
	identity.kind == "service_account"
	not scope in {"*", identity.namespace}
}
