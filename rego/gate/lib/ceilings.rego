# METADATA
# description: |
#   What an identity gains that writes its own policies: no more than its permissions boundary and its account's service control
#   policies allow, unless these leave it a way out: another escalation, or the boundary itself.
# schemas:
#   - input: schema.envelope
package gate.lib.ceilings

import data.gate.lib.conditions
import data.gate.lib.paths
import data.gate.lib.reach
import data.gate.lib.targets

_known := data.gate.knowledge.aws.escalation

# within: identity → how bad it is that it holds all of its ceiling, for those whom the ceiling holds back.
within := {id: _worst(reach.hits(id, input.access.identities[id].ceiling.grants, opened)) | some id, opened in names}

_worst(hits) := {"severity": _severities[order[0]], "confidence": _confidences[order[1]]} if {
	order := min({[rank, sure] |
		some hit in hits
		some rank, hit.severity in _severities
		some sure, hit.confidence in _confidences
	})
} else := {"severity": "low", "confidence": "proven"}

_severities := ["critical", "high"]

_confidences := ["proven", "possible", "unverified"]

# names: identity → the paths that its ceiling opens.
names := {id: (paths.others(identity.ceiling.grants) - _joining) |
	some id, identity in input.access.identities
	identity.ceiling != null
	identity.ceiling.all_access == "none"
	not _makes_administrators(identity.ceiling)
	not _lifts(id, identity)
}

# What a group gives its members stays within the ceiling, too.
_joining := object.keys(data.gate.knowledge.indexed.aims.joined)

_makes_administrators(ceiling) if {
	some action in _known.powerful
	some key in ceiling.grants[action]
	targets.width[key] == "everything"
	count(conditions.limiting(input.access.grants[key].conditions)) == 0
}

# It may take its boundary away, replace it, or rewrite it.
_lifts(id, identity) if {
	some action, path in _known.boundaries[identity.kind]
	some key in paths.usable(path, identity.ceiling.grants, action)
	_reaches(key, id)
}

_lifts(_, identity) if {
	some action in ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"]
	some key in identity.ceiling.grants[action]
	_reaches(key, identity.boundary)
}

_reaches(key, _) if targets.width[key] == "everything"

_reaches(key, target) if target in targets.of(key)

_reaches(key, id) if {
	input.access.grants[key].own
	input.access.identities[id].kind == "user"
}

# a boundary outside of the change
_reaches(key, arn) if {
	startswith(arn, "arn:")
	some resource in input.access.grants[key].resources
	glob.match(resource, null, arn)
}
