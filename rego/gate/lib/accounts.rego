# METADATA
# description: |
#   The ways of lib/rights, weighed by whom they lead to: a way to an account that can do more than the identity itself weighs
#   what that account can do.
# schemas:
#   - input: schema.envelope
package gate.lib.accounts

import data.gate.lib
import data.gate.lib.becoming
import data.gate.lib.kubernetes
import data.gate.lib.rights
import data.gate.lib.takeover
import data.gate.lib.targets

# ways an identity can take (lib/rights), worst first, each with
#   stronger: the accounts it leads to that can do more, worst first: {id, severity, why, then: whom these become}
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
		stronger := _stronger(id, takeover.by_name(base))
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

_stronger(id, candidates) := [item[2] |
	some item in sort([[0 - rights.rank(worth.severity), account, object.union({"id": account}, worth)] |
		some account in candidates
		account != id
		worth := _worth(id, account)
	])
]

# Who is reached in a namespace. In the whole cluster the right itself says it all.
_led(way) := takeover.led([way.path.becomes, way.scope]) if {
	way.path.becomes
	way.scope != "*"
} else := set()

# What an account can do that the identity cannot.
_worth(id, account) := {"severity": "critical", "why": "is an administrator of the cluster", "then": []} if {
	lib.administrator(account)
} else := {"severity": "critical", "why": sprintf("can (in the whole cluster) %s", [gains]), "then": []} if {
	account in rights.administrators
	not id in rights.administrators
	gains := rights.ways(account)[0].path.gains
} else := {"severity": "critical", "why": sprintf("can become %s, an administrator", [lib.listed(admins)]), "then": sort(admins)} if {
	not id in rights.administrators
	admins := (becoming.walk(account) - {account}) & becoming.administrators
	count(admins) > 0
} else := {"severity": more[0].severity, "why": sprintf("can (in %s) %s", [kubernetes.place(more[0].scope), more[0].path.gains]), "then": []} if {
	more := [way |
		some way in rights.ways(account)
		way.severity in {"critical", "high"}
		not _holds(rights.ways(id), way)
	]
	count(more) > 0
} else := {"severity": "medium", "why": sprintf("can become %s", [lib.listed(clouds)]), "then": sort(clouds)} if {
	clouds := object.get(targets.named_in, account, set()) - object.get(targets.named_in, id, set())
	count(clouds) > 0
}

_holds(ways, wanted) if {
	some way in ways
	way.path.id == wanted.path.id
	way.scope in {"*", wanted.scope}
}
