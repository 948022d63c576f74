# METADATA
# description: |
#   Who is worth escalating to, and what a grant's resources reach: the words *proven*, *possible* and *unverified* are
#   decided here.
# schemas:
#   - input: schema.envelope
package gate.lib.targets

_known := data.gate.knowledge.aws.escalation

# worth: identities that hold more than an ordinary one: administrators are critical, holders of an action that makes
# administrators, on every resource and without conditions, are high.
worth := object.union(
	{id: "high" |
		some id, identity in input.access.identities
		identity.platform == "aws"
		some action in _known.powerful
		some key in identity.grants[action]
		width[key] == "everything"
		count(input.access.grants[key].conditions) == 0
	},
	{id: "critical" |
		some id, identity in input.access.identities
		identity.platform == "aws"
		identity.all_access != "none"
	},
)

# more: those of some worthwhile identities that are more than the caller.
more(found, caller) := object.remove(found, {caller}) if not worth[caller]

more(found, caller) := {id: "critical" | some id, "critical" in found; id != caller} if worth[caller]

# of: ids of the identities and addresses of the resources that a grant reaches.
of(key) := object.get(input.access.targets, [input.access.grants[key].targets], [])

# width of each grant: everything, a pattern (covers what nobody can list), or named resources.
width := {key: _width(grant) |
	some key, grant in input.access.grants
	grant.platform == "aws"
}

_width(grant) := "everything" if {
	grant.everything
} else := "everything" if {
	grant.whole_type
} else := "named" if {
	grant.own # whatever account the pattern leaves open, it is the caller's
	every resource in grant.resources {
		endswith(resource, "/${aws:username}")
	}
} else := "pattern" if {
	some resource in grant.resources
	contains(resource, "*")
} else := "named"

# trusting: role → the services that may run as it.
trusting := {id: services |
	some id, edges in input.access.trust
	services := {edge.principal.value | some edge in edges; edge.principal.kind == "service"}
	count(services) > 0
}

# runs_for: service → the roles that it may run as.
runs_for := {service: ids |
	some [service, _] in _running_for
	ids := {pair[1] | some pair in _running_for; pair[0] == service}
}

_running_for := {[service, id] | some id, services in trusting; some service in services}

# unshown: those from outside the change whose trust policies nobody has shown.
unshown := {id | some id, identity in input.access.identities; identity.external} - shown

# shown: those whose trust policy is in view. (That service accounts name them shows nothing of it.)
shown contains id if {
	some id, edges in input.access.trust
	some edge in edges
	edge.principal.kind != "service_account"
}

# open_to_account: roles that let in whoever of their own account may call sts:AssumeRole, or anyone.
open_to_account contains id if {
	some id, edges in input.access.trust
	some edge in edges
	not edge.negated
	_account_or_anyone(edge.principal)
}

_account_or_anyone(principal) if principal.kind == "anyone"

_account_or_anyone(principal) if {
	principal.kind == "account"
	principal.own_account == true
}

# named_in: identity → the roles whose trust policies name it. (From pairs: the time of a partial rule with keys grows with
# the square of what it holds.)
named_in := {caller: ids |
	some caller in {pair[0] | some pair in _named}
	ids := {pair[1] | some pair in _named; pair[0] == caller}
}

_named := {[caller, id] |
	some id, edges in input.access.trust
	some edge in edges
	caller := edge.principal.identity
	is_string(caller)
	not edge.negated
	edge.usable != false
	caller != id
}

# runs_as: the identities that a workload's code acts as.
runs_as(address) := {id | some id in input.access.workloads[address].runs_as}

# working: identities that some workload of the change runs as.
working := {id | some workload in input.access.workloads; some id in workload.runs_as}

# stored: secret or parameter → the identities whose credentials the change keeps in it.
stored := {address: ids |
	some [address, _] in _stored
	ids := {pair[1] | some pair in _stored; pair[0] == address}
}

_stored := {[address, credential.identity] |
	some credential in input.access.credentials
	credential.identity != null
	some address in credential.stored
}

# in_view: the target stands in the change, so what it holds is known.
in_view(id) if {
	identity := input.access.identities[id]
	not identity.external
}
