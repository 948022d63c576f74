# METADATA
# description: |
#   What the Kubernetes rules share: who is judged for a grant, how far it reaches, and how to say so.
# schemas:
#   - input: schema.envelope
package gate.lib.kubernetes

import data.gate.lib

# own: the keys of grants that the identity is judged for. What a group hands to its members is said once, of the group;
# what a binding gives to the identity itself is said of the identity, whoever else the binding names.
own(identity, keys) := [key | some key in keys; not key in _inherited(identity)]

_inherited(identity) := {key | some key in object.get(identity, "inherited", [])}

# severity of a finding about the identity. A role that nothing in the change binds gives its rights to nobody yet:
# that is worth a warning, and no more, unless it is one that clusters bind on their own.
severity(identity, found) := found if not _idle(identity)

severity(identity, found) := _at_most_medium(found) if _idle(identity)

_idle(identity) if {
	identity.kind == "role"
	not _held(identity)
}

_held(identity) if {
	identity.namespace == null
	identity.name in data.gate.knowledge.kubernetes.held_roles
}

_at_most_medium("low") := "low"

_at_most_medium(found) := "medium" if found != "low"

# confidence: who is bound to a role outside the change is not in view.
confidence(identity) := "possible" if identity.kind == "role"

confidence(identity) := "proven" if identity.kind != "role"

# who: the identity as a message names it, with what its name alone says.
who(id, identity) := sprintf("%s%s", [id, _of_the_system(id)]) if identity.kind != "role"

who(id, identity) := sprintf("Whoever is bound to %s outside this change", [id]) if identity.kind == "role"

_of_the_system(id) := sprintf(" (%s)", [said]) if {
	said := data.gate.knowledge.kubernetes.of_the_system[input.access.identities[id].family]
} else := ""

# named: whether resourceNames limit the grant.
named(grant) if grant.rule.named

# reach of a grant: a namespace, or "*" for the whole cluster.
reach(grant) := grant.rule.scope

# through: where rights come from, as a message says it.
through(grants) := lib.listed({text |
	some grant in grants
	text := sprintf("%s (%s)", [grant.source.address, grant.source.statement])
})

# through_in_order: the same, in the order given and each role or binding once: what proves the sentence stands first.
through_in_order(grants) := lib.in_order([text |
	some i, grant in grants
	address := grant.source.address
	not address in [before.source.address | some before in array.slice(grants, 0, i)]
	statements := {other.source.statement | some other in grants; other.source.address == address}
	text := sprintf("%s (%s%s)", [address, grant.source.statement, _more(count(statements) - 1)])
])

_more(0) := ""

_more(n) := sprintf(" and %s", [lib.plural(n, "more rule")]) if n > 0

# rights: what grants allow, as a message says it: of a long list of resources the first ones.
rights(grants) := lib.listed({_short(split(action, ",")) | some grant in grants; some action in grant.actions})

_short(parts) := concat(",", parts) if count(parts) <= 6

_short(parts) := sprintf("%s, …", [concat(",", array.slice(parts, 0, 6))]) if count(parts) > 6

# place: a scope, as a message says it.
place("*") := "the whole cluster"

place(namespace) := sprintf("the namespace %s", [namespace]) if namespace != "*"
