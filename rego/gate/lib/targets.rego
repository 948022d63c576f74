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

# beyond: the worthwhile identities that are more than the caller.
beyond(caller) := more(worth, caller)

# more: those of some worthwhile identities that are more than the caller.
more(found, caller) := object.remove(found, {caller}) if not worth[caller]

more(found, caller) := {id: "critical" | some id, "critical" in found; id != caller} if worth[caller]

# of: ids of the identities and addresses of the resources that a grant reaches.
of(key) := object.get(input.access.targets, [input.access.grants[key].targets], [])

# worthwhile: the worthwhile identities that a grant reaches, worked out once for all grants that reach the same.
worthwhile(key) := object.get(_worthwhile, [input.access.grants[key].targets], {})

_worthwhile := {set: object.filter(worth, ids) | some set, ids in input.access.targets}

# running: the worthwhile identities that workloads reached by a grant run as.
running(key) := object.get(_running, [input.access.grants[key].targets], {})

_running := {set: object.filter(worth, [id | some address in ids; some id in input.access.workloads[address].runs_as]) |
	some set, ids in input.access.targets
}

# width of each grant: everything, a pattern (covers what nobody can list), or named resources.
width := {key: kind |
	some key, grant in input.access.grants
	grant.platform == "aws"
	wild := [resource | some resource in grant.resources; contains(resource, "*")]
	kind := _width(grant.everything, wild)
}

_width(true, _) := "everything"

_width(false, []) := "named"

_width(false, wild) := "everything" if {
	some resource in wild
	regex.match(`^(?:\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:[a-z-]+[/:])?\*)$`, resource)
}

else := "pattern" if count(wild) > 0

# trusting: role → the services that may run as it, for the roles worth it.
trusting := {id: services |
	some id, _ in worth
	services := {edge.principal.value | some edge in input.access.trust[id]; edge.principal.kind == "service"}
}

# working: identities that some workload of the change runs as.
working := {id | some workload in input.access.workloads; some id in workload.runs_as}

# in_view: the target stands in the change, so what it holds is known.
in_view(id) if {
	identity := input.access.identities[id]
	not identity.external
}
