# METADATA
# title: Blast radius exceeds a limit
# description: |
#   The identity reaches more than gate.yaml allows for its tier, directly or through a chain: administrator access,
#   too many services, identities or secrets, another environment or account, or data that it can destroy. Without
#   limits in gate.yaml this rule reports nothing.
# custom:
#   id: blast-radius-limit
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: >-
#     Remove the largest contributor, split the identity by function, or agree on a higher limit in gate.yaml with its
#     owner.
# schemas:
#   - input: schema.envelope
package gate.rules.access.blast_radius_limit

import data.gate.blast
import data.gate.lib
import data.gate.lib.bridge

findings contains finding if {
	some id, breaches in _breaches
	some name, breach in breaches
	not _said_of_its_account(id, name)
	contribution := object.get(input.access.graph.contributions, [id, name], _unlisted)
	elements := _elements(contribution)
	entrance := bridge.entrance(id)
	source := lib.source(id)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": source.address,
		"message": sprintf("%s %s%s%s; limits.%s.%s of gate.yaml allows %s. Largest contributors: %s.", [
			id, breach.text, _by_becoming(id, elements), bridge.reached(entrance),
			breach.limit.tier, name, _allowed(breach.limit.value), _names(elements, breach.radius.admin),
		]),
		"location": source.location,
		"evidence": [element.evidence | some element in elements],
		"path": _path(entrance, contribution, elements),
		"facts": _facts(name, contribution),
	})
}

# A number is over its limit whether or not anybody says what it is made of.
_unlisted := {"contributors": [], "reached": [], "count": 0, "way": []}

# Whole: findings look others up in it.
_breaches := {id: breaches |
	count(input.config.limits) > 0
	some id, identity in input.access.identities
	not identity.external
	lib.acts(identity)
	radius := blast.radius(id)
	limits := _limits(radius.tiers)
	breaches := {name: {"text": text, "limit": limit, "radius": radius} |
		some name, limit in limits
		not _covered_by_admin(name, radius, limits)
		text := _breach(name, limit.value, radius)
	}
}

# A service account and the cloud identity it stands for are one chain: said once, from where it begins.
_said_of_its_account(id, name) if {
	some account in bridge.accounts[id]
	_breaches[account][name]
}

# By the largest contributor: from the internet if it gets there, over others if it takes them, to what is reached.
_path(entrance, contribution, elements) := array.concat(before, _last(elements)) if {
	before := array.concat(entrance, bridge.way(contribution.way))
	count(before) > 0
} else := []

_last(elements) := [{
	"from": element.holder, "via": element.evidence.address, "actions": [element.evidence.action],
	"to": element.evidence.resource,
}] if {
	element := elements[0]
	element.evidence.action
} else := []

_by_becoming(id, elements) := sprintf(" by becoming %s", [lib.listed(others)]) if {
	others := {element.holder | some element in elements; element.evidence.action} - {id}
	count(others) > 0
} else := ""

# Of the tiers the identity belongs to, the strictest value counts; where none sets the limit, the default.
_limits(tiers) := object.union(_of_tiers(["default"]), _of_tiers(tiers))

_of_tiers(tiers) := {name: {"value": strictest[0], "tier": strictest[1]} |
	some tier in tiers
	some name, _ in input.config.limits[tier]
	strictest := sort([[input.config.limits[other][name], other] | some other in tiers])[0]
}

# An administrator is one reason enough; where administrators are allowed, no other limit says anything about them.
_covered_by_admin(name, radius, limits) if {
	radius.admin
	name != "admin"
	limits.admin
}

_breach("admin", false, radius) := "is an administrator or can become one" if radius.admin

_breach("max_services", most, radius) := sprintf("reaches %s", [lib.plural(radius.services, "service")]) if {
	radius.services > most
}

_breach("max_identities", most, radius) := text if {
	radius.identities > most
	text := sprintf("can become %s", [_others(radius.identities)])
}

_breach("max_identities", most, radius) := "can become every identity of its account" if {
	radius.admin
	radius.identities <= most
}

_breach("max_secrets", most, radius) := text if {
	radius.secrets > most
	not "secrets" in radius.unlimited
	text := sprintf("reads %s", [lib.plural(radius.secrets, "secret")])
}

_breach("max_secrets", _, radius) := "can read an unbounded set of secrets" if "secrets" in radius.unlimited

_breach("destroy", false, radius) := text if {
	radius.destructible > 0
	not "destructible" in radius.unlimited
	text := sprintf("can destroy %s", [lib.plural(radius.destructible, "data store")])
}

_breach("destroy", false, radius) := "can destroy an unbounded set of data stores" if {
	"destructible" in radius.unlimited
}

_breach("cross_environment", false, radius) := sprintf("reaches the environments %s", [names]) if {
	count(radius.environments) > 1
	names := lib.listed({name | some name in radius.environments})
}

_breach("cross_account", false, radius) := sprintf("reaches %d accounts", [radius.accounts]) if radius.accounts > 1

_others(1) := "1 other identity"

_others(n) := sprintf("%d other identities", [n]) if n != 1

_allowed(false) := "none"

_allowed(most) := sprintf("%d", [most]) if is_number(most)

# The largest contributors first: each {name, holder, evidence}. Statements for what statements grant, else identities.
_elements(contribution) := [_element(one) | some one in contribution.contributors]

_element(one) := {
	"name": _counted(_text(grant.source), one.size),
	"holder": one.holder,
	"evidence": lib.evidence(grant, one.action),
} if {
	one.grant != null
	grant := input.access.grants[one.grant]
}

_element(one) := {"name": _counted(one.holder, one.size), "holder": one.holder, "evidence": _evidence(one.holder)} if {
	one.grant == null
}

_counted(name, 1) := name

_counted(name, n) := sprintf("%s (%d)", [name, n]) if n != 1

_names([], true) := "the permissions of administrators"

_names([], false) := "secrets mounted into its workloads"

_names(elements, _) := concat(", ", [element.name | some element in elements]) if count(elements) > 0

_text(source) := source.address if source.statement == null

_text(source) := sprintf("statement %s of %s", [source.statement, source.address]) if source.statement != null

_evidence(id) := object.union(lib.source(id), {"statement": null})

# What is reached, so that reaching something else is a new breach; more than a hundred are only counted.
_facts(name, contribution) := {sprintf("%s: %v", [name, fact]) | some fact in contribution.reached} if {
	count(contribution.reached) > 0
} else := {sprintf("%s: %d", [name, contribution.count])}
