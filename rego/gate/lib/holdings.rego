# METADATA
# description: |
#   What an identity holds itself: services, sensitive actions, data stores and secrets. A store or secret is
#   [what can be done, service, width, name]; width is `named`, `pattern` (covers what nobody can list) or `every`.
# schemas:
#   - input: schema.envelope
package gate.lib.holdings

import data.gate.lib.becoming

_known := data.gate.knowledge.aws

# of: what each identity holds, with the secrets that workloads hand to the code which runs as it. Many hold the same.
of := {id: {
	"services": {name | some one in has; some name in one.service_names},
	"service_count": max([one.services | some one in has]),
	"actions": union({object.keys(one.grants) | some one in has}),
	"things": union({_granted(one.grants) | some one in has} | {object.get(_mounted, id, set())}),
	"accounts": {account | account := _account(identity)},
	"environments": {identity.environment} - {null},
} |
	some id, identity in input.access.identities
	has := _has(id, identity)
}

# Whoever writes its own policies has all that its ceiling allows.
_has(id, identity) := [identity] if not id in becoming.confined

_has(id, identity) := [identity, identity.ceiling] if id in becoming.confined

# same: identity → the first of all who hold the same.
same := {id: first |
	some held in {held | some held in of}
	ids := {id | some id, other in of; other == held}
	first := min(ids)
	some id in ids
}

# The account of the change itself may have no number yet.
_account(identity) := identity.account if identity.account != null

_account(identity) := _own if {
	identity.account == null
	identity.platform == "aws"
	not identity.external
}

default _own := "own"

_own := input.access.own_accounts[0] if count(input.access.own_accounts) == 1

# through: the stores and secrets that one grant reaches by one action.
through(action, key) := {thing |
	some does, service in _stores[action]
	some thing in _things(does, service, key)
}

_granted(grants) := {thing |
	some action in (object.keys(grants) & _actions)
	some does, service in _stores[action]
	some key in grants[action]
	some thing in _things(does, service, key)
}

_stores := data.gate.knowledge.indexed.stores

_actions := object.keys(_stores)

_mounted := {id: {thing[1] | some thing in _handed; thing[0] == id} | some [id, _] in _handed}

_handed := {[id, ["secret", "workload", "named", reference.secret]] |
	some workload in input.access.workloads
	some reference in workload.secrets
	some id in workload.runs_as
}

_things(does, service, key) := {[does, service, "every", "*"]} if input.access.grants[key].everything

_things(does, service, key) := {[does, service, _width(name), name] |
	some resource in input.access.grants[key].resources
	_concerns(service, resource)
	name := _name(service, resource)
} if {
	not input.access.grants[key].everything
}

_concerns("kubernetes", _)

_concerns(service, resource) if contains(resource, sprintf(":%s:", [service]))

# a resource that does not exist yet, or one that the change names by a variable
_concerns(_, resource) if contains(resource, ":gate:")

_concerns(_, resource) if not startswith(resource, "arn:")

# Objects of a bucket and indexes of a table are parts of one store.
_name(service, resource) := concat("/", array.slice(split(resource, "/"), 0, _known.store_parts[service]))

_name(service, resource) := resource if not _known.store_parts[service]

_width(name) := "pattern" if _wild(name)

_width(name) := "named" if not _wild(name)

# Secrets Manager ends each name with "-" and six characters: a pattern for those is one secret.
_wild(name) if {
	some wildcard in ["*", "?"]
	contains(trim_suffix(trim_suffix(name, "-*"), "-??????"), wildcard)
}
