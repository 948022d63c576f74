# METADATA
# title: Blast radius over a limit
# description: |
#   The identity reaches more, directly or by chains, than gate.yaml allows an identity of its tier: an administrator where
#   none is allowed, too many services, identities or secrets, another environment or account, or data it can destroy. Without
#   limits in gate.yaml the rule is silent.
# custom:
#   id: blast-radius-limit
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6"]
#   remediation: "Take away what contributes most, split the identity by its functions, or raise the limit in gate.yaml with whoever owns it."
# schemas:
#   - input: schema.envelope
package gate.rules.access.blast_radius_limit

import data.gate.blast
import data.gate.lib
import data.gate.lib.becoming
import data.gate.lib.bridge
import data.gate.lib.holdings

findings contains finding if {
	some id, breaches in _breaches
	some name, breach in breaches
	not _said_of_its_account(id, name)
	elements := _elements(name, id, becoming.reach(id))
	entrance := bridge.entrance(id)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": _source(id).address,
		"message": sprintf("%s %s%s%s; limits.%s.%s of gate.yaml allows %s. Largest contributors: %s.", [
			id, breach.text, _by_becoming(id, elements), bridge.reached(entrance),
			breach.limit.tier, name, _allowed(breach.limit.value), _names(elements, breach.radius.admin),
		]),
		"location": _source(id).location,
		"evidence": [element.evidence | some element in elements],
		"path": _path(id, entrance, elements),
		"facts": _facts(name, id, breach.radius),
	})
}

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
_path(id, entrance, elements) := array.concat(entrance, array.concat(bridge.way(id, holder), _last(elements[0]))) if {
	holder := elements[0].holder
	count(entrance) + count(bridge.way(id, holder)) > 0
} else := []

_last(element) := [{
	"from": element.holder, "via": element.evidence.address, "actions": [element.evidence.action],
	"to": element.evidence.resource,
}] if {
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

_breach("max_services", most, radius) := sprintf("reaches %s", [lib.plural(radius.services, "service")]) if radius.services > most

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

_breach("max_secrets", _, radius) := "reads secrets that nobody can count" if "secrets" in radius.unlimited

_breach("destroy", false, radius) := text if {
	radius.destructible > 0
	not "destructible" in radius.unlimited
	text := sprintf("can destroy %s", [lib.plural(radius.destructible, "data store")])
}

_breach("destroy", false, radius) := "can destroy data stores that nobody can count" if "destructible" in radius.unlimited

_breach("cross_environment", false, radius) := sprintf("reaches the environments %s", [lib.listed({e | some e in radius.environments})]) if {
	count(radius.environments) > 1
}

_breach("cross_account", false, radius) := sprintf("reaches %d accounts", [radius.accounts]) if radius.accounts > 1

_others(1) := "1 other identity"

_others(n) := sprintf("%d other identities", [n]) if n != 1

_allowed(false) := "none"

_allowed(most) := sprintf("%d", [most]) if is_number(most)

# The largest contributors first, three at most: each {name, evidence}. Statements for what statements grant, else identities.
_elements(name, id, members) := [{"name": _counted(_text(grant.source), 0 - entry[0]), "holder": holder, "evidence": lib.evidence(grant, entry[2])} |
	some entry in array.slice(sort(_by_grant(_things[name], members)), 0, 3)
	grant := input.access.grants[entry[1]]
	holder := _holder(id, members, entry[1], entry[2])
] if _things[name]

_elements(name, id, members) := [{"name": _counted(entry[1], 0 - entry[0]), "holder": entry[1], "evidence": _evidence(entry[1])} |
	some entry in array.slice(sort([[0 - size, other] | some other in members; size := _size(name, id, other)]), 0, 3)
] if not _things[name]

_things := {"max_secrets": "secret", "destroy": "destroy"}

_by_grant(does, members) := {[0 - count(things), key, action] |
	some id in members
	some action, keys in input.access.identities[id].grants
	some key in keys
	things := {thing | some thing in holdings.through(action, key); thing[0] == does}
	count(things) > 0
}

_holder(id, members, key, action) := id if key in input.access.identities[id].grants[action]

else := min({one | some one in members; key in input.access.identities[one].grants[action]})

# What one of the identities reached adds to the number that is limited; undefined when nothing.
_size("admin", _, other) := 1 if other in becoming.administrators

_size("max_services", _, other) := holdings.of[other].service_count

_size("max_identities", id, other) := count(becoming.reach(other)) if other in becoming.next(id)

_size("cross_environment", id, other) := 1 if count(holdings.of[other].environments - holdings.of[id].environments) > 0

_size("cross_account", id, other) := 1 if count(holdings.of[other].accounts - holdings.of[id].accounts) > 0

_counted(name, 1) := name

_counted(name, n) := sprintf("%s (%d)", [name, n]) if n != 1

_names([], true) := "what administrators hold"

_names([], false) := "what workloads hand to it"

_names(elements, _) := concat(", ", [element.name | some element in elements]) if count(elements) > 0

_text(source) := source.address if source.statement == null

_text(source) := sprintf("statement %s of %s", [source.statement, source.address]) if source.statement != null

_evidence(id) := {"address": _source(id).address, "statement": null, "location": _source(id).location}

_source(id) := input.access.identities[id].source if input.access.identities[id].source != null

_source(id) := {"address": id, "location": null} if is_null(input.access.identities[id].source)

# What is reached, so that reaching something else is a new breach; more than a hundred are only counted.
_facts(name, id, radius) := {sprintf("%s: %v", [name, fact]) | some fact in facts} if {
	facts := _reached(name, becoming.reach(id), radius)
	count(facts) in numbers.range(1, 100)
} else := {sprintf("%s: %d", [name, count(_reached(name, becoming.reach(id), radius))])}

_reached("admin", members, _) := members & becoming.administrators

_reached("max_services", members, _) := union({holdings.of[id].services | some id in members})

_reached("max_identities", members, _) := members

_reached("max_secrets", members, _) := _all("secret", members)

_reached("destroy", members, _) := _all("destroy", members)

_reached("cross_environment", members, _) := union({holdings.of[id].environments | some id in members})

_reached("cross_account", members, _) := union({holdings.of[id].accounts | some id in members})

_all(does, members) := {concat(" ", thing) | some id in members; some thing in holdings.of[id].things; thing[0] == does}
