# METADATA
# description: |
#   Whom an identity of Kubernetes becomes: a pod that can be created in a namespace may run as any account there, tokens are
#   requested, read or minted, others are impersonated. A way to an account that can do more weighs what that account can do.
# schemas:
#   - input: schema.envelope
package gate.lib.accounts

import data.gate.lib
import data.gate.lib.becoming
import data.gate.lib.kubernetes
import data.gate.lib.rights

# ways an identity can take (lib/rights), worst first, each with
#   stronger: the accounts it leads to that can do more, worst first: {id, severity, why}
#   proven: false when it leads to others, none of whom is in view
ways(id) := [item[3] |
	some item in sort([[0 - rights.rank(way.severity), way.path.id, way.scope, way] | some way in _weighed(id)])
]

_weighed(id) := {way |
	some base in rights.ways(id)
	stronger := _stronger(id, base, _led(base))
	not _kept_out(base, stronger)
	way := object.union(base, {
		"stronger": stronger,
		"proven": _proven(base, stronger),
		"severity": lib.worst({base.severity} | {one.severity | some one in stronger}),
	})
} | {way |
	some base in rights.limited(id)
	stronger := _stronger(id, base, _led_by_name(base))
	count(stronger) > 0
	way := object.union(base, {
		"stronger": stronger,
		"proven": true,
		"severity": lib.worst({one.severity | some one in stronger}),
	})
}

default _proven(_, _) := false

_proven(way, _) if not way.path.becomes

_proven(way, _) if {
	way.path.becomes
	way.scope == "*"
}

_proven(way, stronger) if {
	way.path.becomes
	count(stronger) > 0
}

_proven(way, _) if {
	way.path.becomes == "tokens"
	count(input.access.namespaces[way.scope].secrets) > 0
}

# What a pod there could be is harmless.
_kept_out(way, []) if {
	way.path.pod_security
	namespace := input.access.namespaces[way.scope]
	namespace.pod_security == "restricted"
	count(namespace.secrets) == 0
}

_stronger(id, _, candidates) := [item[2] |
	some item in sort([[0 - rights.rank(worth.severity), account, object.union({"id": account}, worth)] |
		some account in candidates
		account != id
		worth := _worth(id, account)
	])
]

# Who is reached in a namespace. In the whole cluster the right itself says it all.
_led(way) := set() if not way.path.becomes

_led(way) := set() if {
	way.path.becomes
	way.scope == "*"
}

_led(way) := object.get(_reached[way.path.becomes], way.scope, set()) if way.scope != "*"

_reached.named := {}

_reached.accounts[identity.namespace] contains id if {
	some id, identity in input.access.identities
	identity.kind == "service_account"
}

_reached.running[workload.namespace] contains id if {
	some workload in input.access.workloads
	workload.token
	some id in workload.runs_as
}

_reached.tokens[namespace] contains credential.identity if {
	some credential in input.access.credentials
	namespace := input.access.identities[credential.identity].namespace
}

_led_by_name(way) := object.get(_reached.accounts, way.scope, set()) if {
	way.path.any_name
	way.scope != "*"
}

_led_by_name(way) := {id |
	not way.path.any_name
	some key in way.keys
	some id in _named(way.path.becomes, input.access.grants[key])
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

# What an account can do that the identity cannot.
_worth(id, account) := {"severity": "critical", "why": "is an administrator of the cluster"} if {
	lib.administrator(account)
} else := {"severity": "critical", "why": sprintf("can become %s, an administrator", [lib.listed(admins)])} if {
	admins := becoming.walk(account) & becoming.administrators
	count(admins) > 0
} else := {"severity": more[0].severity, "why": sprintf("can (in %s) %s", [kubernetes.place(more[0].scope), more[0].path.gains])} if {
	more := [way |
		some way in rights.ways(account)
		way.severity in {"critical", "high"}
		not _holds(rights.ways(id), way)
	]
	count(more) > 0
} else := {"severity": "medium", "why": sprintf("can become %s", [lib.listed(clouds)])} if {
	clouds := {other |
		some other in becoming.walk(account)
		input.access.identities[other].platform != "kubernetes"
	}
	count(clouds) > 0
}

_holds(ways, wanted) if {
	some way in ways
	way.path.id == wanted.path.id
	way.scope in {"*", wanted.scope}
}
