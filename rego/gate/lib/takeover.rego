# METADATA
# description: |
#   Whom the rights of an identity of Kubernetes lead to: a pod that can be created in a namespace may run as any account
#   there, tokens are requested, read or minted, running pods are entered, others are impersonated. Facts for lib/becoming
#   and lib/accounts; whether those can do more is judged there.
# schemas:
#   - input: schema.envelope
package gate.lib.takeover

import data.gate.lib.rights

# steps: identity → where its next steps lead: identities by name, and places [kind, namespace] that stand for all in them.
steps := {id: nodes |
	some id, identity in input.access.identities
	identity.platform == "kubernetes"
	identity.all_access == "none"
	nodes := {[way.path.becomes, way.scope] | some way in rights.ways(id); way.path.becomes} | union({by_name(way) |
		some way in rights.limited(id)
	})
	count(nodes) > 0
}

# led: the identities of a place.
led([kind, namespace]) := object.get(_reached[kind], namespace, set()) if namespace != "*"

led([kind, "*"]) := union({ids | some ids in _reached[kind]})

_reached := {"named": {}, "accounts": _accounts, "running": _running, "tokens": _tokens}

_accounts[identity.namespace] contains id if {
	some id, identity in input.access.identities
	identity.kind == "service_account"
}

# A pod without a token gives nobody its account.
_running[workload.namespace] contains id if {
	some workload in input.access.workloads
	workload.token
	some id in workload.runs_as
}

_tokens[namespace] contains credential.identity if {
	some credential in input.access.credentials
	namespace := input.access.identities[credential.identity].namespace
}

# by_name: whom a way leads to that resourceNames limit.
by_name(way) := led(["accounts", way.scope]) if way.path.any_name

by_name(way) := {id |
	some key in way.keys
	some id in _named(way.path.becomes, input.access.grants[key])
} if {
	not way.path.any_name
}

_named("named", grant) := {id | some id in input.access.targets[grant.targets]}

_named("accounts", grant) := {id |
	some resource in grant.resources
	[scope, name] := split(resource, "/")
	some id, identity in input.access.identities
	identity.kind == "service_account"
	identity.name == name
	scope in {"*", identity.namespace}
}

_named("tokens", grant) := {credential.identity |
	some credential in input.access.credentials
	some target in input.access.targets[grant.targets]
	credential.source.address == target
}

_named("running", grant) := {id |
	some resource in grant.resources
	some id in input.access.workloads[sprintf("k8s:Pod/%s", [resource])].runs_as
}
