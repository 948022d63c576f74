# METADATA
# description: |
#   What each identity of the change reaches. `identities` counts those it can become, directly or over others: through
#   trust (it is named, or its own account is, and it may call sts:AssumeRole), and through roles it can pass. An
#   administrator reaches everything; the walk ends there. `accounts` are those of all it reaches, its own included.
#
#   `score` is 100 for an administrator. Else it grows with each count and never falls when one grows, up to 99:
#   40·s/(s+20) + 25·k/(k+4) + 25·i/(i+4) + 10·a/(a+2), with services s, secrets k, identities i, further accounts a.
# schemas:
#   - input: schema.envelope
package gate.blast

_known := data.gate.knowledge.aws

identities := [summary |
	some id, identity in input.access.identities
	not identity.external
	reached := _reached[_edges[id]]
	counts := {
		"services": identity.services,
		"secrets": count(_secrets(id, identity)),
		"identities": reached.count - count({id} & reached.ids),
		"accounts": max([1, count(({identity.account} | reached.accounts) - {null})]),
	}
	admin := _is_admin(id, reached.admin)
	summary := {
		"id": id,
		"kind": identity.kind,
		"platform": identity.platform,
		"blast_radius": object.union(counts, {"admin": admin, "score": _score(admin, counts)}),
	}
]

default _is_admin(_, _) := false

_is_admin(_, true)

_is_admin(id, false) if id in _admins

_admins := {id | some id, identity in input.access.identities; identity.all_access == "unconditional"}

_score(true, _) := 100

_score(false, counts) := min([99, round(sum([
	_share(40, counts.services, 20),
	_share(25, counts.secrets, 4),
	_share(25, counts.identities, 4),
	_share(10, counts.accounts - 1, 2),
]))])

# grows with n towards the whole weight; half of it at n == half
_share(weight, n, half) := (weight * n) / (n + half)

_secrets(id, identity) := _of_workloads(id) | {resource |
	some action in _known.secret_reads
	some key in identity.grants[action]
	some resource in input.access.grants[key].resources
}

_of_workloads(id) := object.get(_mounted, id, set())

_mounted[id] contains reference.secret if {
	some workload in input.access.workloads
	some id in workload.runs_as
	some reference in workload.secrets
}

# What follows from the next steps of an identity, worked out once for all identities that have the same. The identity
# itself may be among it again.
_reached := {next: {"ids": ids, "count": count(ids), "accounts": accounts, "admin": count(ids & _admins) > 0} |
	some next in {_edges[id] | some id, identity in input.access.identities; not identity.external}
	ids := graph.reachable(_edges, next) & _ids
	accounts := {account | some id in ids; account := input.access.identities[id].account; account != null}
}

_ids := object.keys(input.access.identities)

# A node of its own stands for many edges: "own roles" let in their own account, and for each set of targets the roles
# in it that can be passed, or assumed.
_edges := object.union_n([
	{id: _next(id, identity) | some id, identity in input.access.identities},
	{"any role": _roles, "own roles": _own_roles},
	{sprintf("passed %s", [set]): ({id | some id in input.access.targets[set]} & _roles) | some set in _sets("iam:PassRole")},
	{sprintf("assumed %s", [set]): ({id | some id in input.access.targets[set]} & _own_roles) | some set in _sets("sts:AssumeRole")},
])

# sets of targets on which somebody holds the action
_sets(action) := {set |
	some identity in input.access.identities
	some key in identity.grants[action]
	set := input.access.grants[key].targets
	is_string(set)
}

_next(id, _) := set() if id in _admins

_next(id, identity) := (object.get(_named, id, set()) | _passed(identity)) | _assumed(identity) if not id in _admins

_roles := {id | some id, identity in input.access.identities; identity.platform == "aws"; identity.kind == "role"}

_own_roles := {id |
	some id, edges in input.access.trust
	some edge in edges
	edge.principal.kind == "account"
	edge.principal.own_account == true
}

# who is named in a trust policy → what it can become
_named[edge.principal.identity] contains id if {
	some id, edges in input.access.trust
	some edge in edges
	edge.principal.identity != null
	not edge.negated
}

_passed(identity) := {node |
	some key in identity.grants["iam:PassRole"]
	some node in _nodes(input.access.grants[key], "any role", "passed")
}

_assumed(identity) := {node |
	some key in identity.grants["sts:AssumeRole"]
	some node in _nodes(input.access.grants[key], "own roles", "assumed")
}

_nodes(grant, all, _) := {all} if grant.everything

_nodes(grant, _, way) := {sprintf("%s %s", [way, grant.targets]) | is_string(grant.targets)} if not grant.everything
