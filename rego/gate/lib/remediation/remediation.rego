# METADATA
# description: |
#   What to change about an escalation path: the smallest change that closes it. A wildcard is to be replaced by names;
#   a target that is named already is to be taken out.
# schemas:
#   - input: schema.envelope
package gate.lib.remediation

import data.gate.lib
import data.gate.lib.conditions
import data.gate.lib.identity_graph
import data.gate.lib.techniques

_known := data.gate.knowledge.aws.escalation.paths

# escalation: how to close the path of a hit {name, target} for the identity that holds these grants.
escalation(id, hit, grants) := sprintf("%s.", [_change(id, hit, grants)])

# Within an account a trust policy that names the caller is enough, whatever the caller's own policies say.
_change(id, hit, grants) := sprintf(
	"Remove the identity from the trust policy of %s, or reduce the permissions of that role",
	[hit.target],
) if {
	hit.target in identity_graph.entered(id)
} else := sprintf(
	"Reduce the permissions of %s, or remove what lets this identity become someone who can change it",
	[hit.target],
) if {
	count(techniques.actions(hit.name, grants)) == 0
} else := sprintf(
	"Limit %s to the resources that this identity works on, or remove it",
	[_aimed(hit, grants)],
) if {
	some key in techniques.aimed(hit.name, grants)
	input.access.grants[key].width != "named"
} else := sprintf(
	"Check the permissions of %s; if this identity should not have them, remove it from the resources of %s",
	[hit.target, _aimed(hit, grants)],
) if {
	object.get(hit, "confidence", "") == "unverified"
} else := sprintf("Remove %s, or exclude the identity itself from its resources", [_aimed(hit, grants)]) if {
	hit.target == id
} else := sprintf("Remove %s from the resources of iam:PassRole, or %s", [hit.target, _other_service(hit, grants)]) if {
	_known[hit.name].target == "passed"
} else := sprintf("Remove %s, or reduce the permissions of %s", [_aimed(hit, grants), hit.target]) if {
	input.access.identities[hit.target]
} else := sprintf("Remove %s from the resources of %s", [hit.target, _aimed(hit, grants)])

_aimed(hit, grants) := lib.listed({action |
	some action in techniques.actions(hit.name, grants)
	action in _known[hit.name].aimed
})

_other_service(hit, grants) := sprintf("remove %s from its condition iam:PassedToService", [services]) if {
	services := lib.listed(_services(hit))
	some key in techniques.aimed(hit.name, grants)
	count(conditions.restricting(input.access.grants[key].conditions, ["iam:passedtoservice"])) > 0
} else := sprintf(
	"allow only services other than %s with the condition iam:PassedToService",
	[lib.listed(_services(hit))],
)

# The services that run the role for the path; of a role that nobody has shown, all of the path.
_services(hit) := services if {
	services := {service | some service in _known[hit.name].services; service in _trusting(hit.target)}
	count(services) > 0
} else := {service | some service in _known[hit.name].services}

_trusting(id) := {edge.principal.value | some edge in input.access.trust[id]; edge.principal.kind == "service"}
