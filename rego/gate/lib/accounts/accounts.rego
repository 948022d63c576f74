# METADATA
# description: |
#   The ways of lib/rights, weighed by whom they lead to: a way to an account that can do more than the identity itself
#   weighs what that account can do.
# schemas:
#   - input: schema.envelope
package gate.lib.accounts

import data.gate.lib
import data.gate.lib.identity_graph
import data.gate.lib.kubernetes
import data.gate.lib.rights

# ways an identity can take (lib/rights), worst first, each with
#   stronger: the accounts it leads to that can do more, worst first
#   proven: false when it leads to others, none of whom is in view
ways(id) := [item[3] |
	some item in sort([[0 - rights.rank(way.severity), way.path.id, way.scope, way] | some way in _weighed(id)])
]

_weighed(id) := array.concat(
	[way |
		some base in rights.ways(id)
		stronger := _stronger(id, _led(base))
		not _kept_out(base, stronger)
		way := object.union(base, {
			"stronger": stronger,
			"proven": _proven(base, stronger),
			"severity": lib.worst({base.severity} | {one.severity | some one in stronger}),
		})
	],
	[way |
		some base in rights.limited(id)
		stronger := _stronger(id, identity_graph.led(base))
		count(stronger) > 0
		way := object.union(base, {
			"stronger": stronger,
			"proven": true,
			"severity": lib.worst({one.severity | some one in stronger}),
		})
	],
)

default _proven(_, _) := false

_proven(way, _) if not way.path.becomes

_proven(way, _) if way.scope == "*"

# Whatever the controller may do, it applies what is written.
_proven(way, _) if way.path.becomes == "controllers"

_proven(_, stronger) if count(stronger) > 0

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
	not namespace.unread
}

# Whom of these the identity gains by, worst first; administrators alone where there are any, for nobody gives more.
#   by: how (`why` says it); then: whom they become
_stronger(id, candidates) := [] if {
	id in identity_graph.administrators
} else := [{"id": account, "severity": "critical", "by": "itself", "then": []} | some account in sort(direct)] if {
	direct := candidates & identity_graph.administrators
	count(direct) > 0
} else := [item[2] |
	some item in sort([[0 - rights.rank(one.severity), one.id, one] | some one in _gained(id, candidates)])
]

_gained(id, candidates) := array.concat(
	array.concat(
		[{"id": account, "severity": "critical", "by": "chain", "then": sort(identity_graph.becomes(account))} |
			some account in chained
		],
		[{"id": account, "severity": way[2], "by": way, "then": []} |
			some account, way in strong
			not account in chained
		],
	),
	[{"id": account, "severity": "medium", "by": "cloud", "then": sort(clouds)} |
		some account in ((candidates & object.keys(input.access.graph.entries)) - (chained | object.keys(strong)))
		clouds := identity_graph.entered(account) - identity_graph.entered(id)
		count(clouds) > 0
	],
) if {
	own := identity_graph.steps(id)
	chained := union({both | some nodes, accounts in _chained; count(nodes - own) > 0; both := accounts & candidates})
	held := {[way.path.id, way.scope] | some way in rights.ways(id)}
	strong := {account: missing[0] |
		some rights_held, accounts in _strong
		some account in (accounts & candidates)
		missing := [way | some way in rights_held; not _held(held, way)]
	}
}

_held(held, way) if {
	some scope in ["*", way[1]]
	held[[way[0], scope]]
}

# Steps → those who get to an administrator by them. Many accounts have the same steps, and the same rights.
_chained := {nodes: accounts | some nodes, accounts in _chains}

_chains[identity_graph.steps(id)] contains id if {
	some id, _ in input.access.graph.becomes
}

# Ways that are refused, as path, scope and severity, worst first → those who have them.
_strong := {ways: accounts | some ways, accounts in _refused}

_refused[ways] contains id if {
	some id, _ in input.access.graph.ways
	ways := [[way.path.id, way.scope, way.severity] | some way in rights.ways(id); way.severity in {"critical", "high"}]
	count(ways) > 0
}

# Who is reached in a namespace. In the whole cluster the right itself says it all.
_led(way) := identity_graph.led(way) if {
	way.scope != "*"
} else := identity_graph.led(way) if {
	way.path.becomes == "controllers"
} else := set()

# why an account can do more, in words.
why(one) := _is(one.id) if one.by == "itself"

why(one) := sprintf("can become %s, an administrator", [lib.listed(one.then)]) if one.by == "chain"

why(one) := sprintf("can become %s", [lib.listed(one.then)]) if one.by == "cloud"

why(one) := sprintf("can (in %s) %s", [kubernetes.place(one.by[1]), way.path.gains]) if {
	some way in rights.ways(one.id)
	way.path.id == one.by[0]
	way.scope == one.by[1]
}

# A pod may run as an identity of a cloud, too.
_is(id) := "is an administrator of its cloud account" if {
	input.access.identities[id].platform != "kubernetes"
} else := "is an administrator of the cluster" if {
	lib.administrator(id)
} else := sprintf("can (in the whole cluster) %s", [rights.ways(id)[0].path.gains])
