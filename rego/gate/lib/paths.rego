# METADATA
# description: |
#   Which escalation paths a set of grants opens. Paths are data (knowledge/aws/data.yaml); an index from each path's
#   rarest action keeps the work to the paths that can match. Actions held on everything without a condition open the same
#   paths for all who hold them: those are worked out once for each set of such actions.
# schemas:
#   - input: schema.envelope
package gate.lib.paths

import data.gate.lib.conditions
import data.gate.lib.targets

_known := data.gate.knowledge.aws.escalation

# free: the actions that an identity holds on everything, under no condition.
free := {id: _free(identity.grants) |
	some id, identity in input.access.identities
	identity.platform == "aws"
	identity.all_access == "none"
}

_free(grants) := {action |
	some action, keys in grants
	some key in keys
	key in _unlimited
}

_unlimited := {key | some key, "everything" in targets.width} - object.keys(_guards)

# opened: for each such set of actions, the names of the paths that need no others.
opened := {actions: _complete(actions) | some actions in {actions | some actions in free}}

# limited: identity → names of the paths of which every action is held, some of them only on named resources or under
# conditions that do not close the path; and of those that depend on who the caller is.
limited := {id: _limits(input.access.identities[id].grants, actions) | some id, actions in free}

_limits(grants, actions) := opened[actions] & personal if count(grants) == count(actions)

_limits(grants, actions) := {name |
	some name in (_complete(object.keys(grants)) - (opened[actions] - personal))
	not _closed(name, grants)
} if {
	count(grants) > count(actions)
}

# others: the names of all paths that some grants open, but for those that depend on who the caller is.
others(grants) := {name |
	some name in (_complete(object.keys(grants)) - personal)
	not _closed(name, grants)
}

_complete(held) := {name |
	some action in (held & _indexed)
	some name in _known.index[action]
	count(_all_of(name) - held) == 0
	not _lacks_choice(name, held)
}

_indexed := object.keys(_known.index)

# personal: what these reach on everything differs from caller to caller.
personal := (object.keys(_aims.self) | object.keys(_aims.group)) | object.keys(_aims.policy)

# passing: those that hand a role to a service.
passing := object.keys(_aims.passed)

_aims := data.gate.knowledge.indexed.aims

# aimed: keys of the grants whose resources say what the path reaches.
aimed(name, grants) := {key |
	some action in _known.paths[name].aimed
	some key in usable(name, grants, action)
}

# usable: keys of the grants that hold the action and are not closed for the path by a condition.
usable(name, grants, action) := {key |
	some key in grants[action]
	not _blocked(name, key, grants)
}

# actions of the path that the grants hold: all that are required, and of alternatives those that are there.
actions(name, grants) := [action | some action in _all_actions(name); grants[action]]

# Looked at by name: most paths of the knowledge are nobody's.
_all_actions(name) := array.concat(path.all_of, [a | some group in path.any_of; some a in group]) if path := _known.paths[name]

_all_of(name) := {action | some action in _known.paths[name].all_of}

_lacks_choice(name, held) if {
	some group in _known.paths[name].any_of
	count({action | some action in group} & held) == 0
}

# closed: conditions take away one required action, or every alternative of one.
_closed(name, grants) if {
	some action in _all_of(name)
	_guarded(grants, action)
	count(usable(name, grants, action)) == 0
}

_closed(name, grants) if {
	some group in _known.paths[name].any_of
	count([action | some action in group; _guarded(grants, action)]) > 0
	count([action | some action in group; count(usable(name, grants, action)) > 0]) == 0
}

# Most grants have no conditions at all: look no further for those.
_guarded(grants, action) if {
	some key in grants[action]
	_guards[key]
}

_blocked(name, key, grants) if {
	some code in _guards[key].codes
	code in _known.paths[name].not_exploitable_when
	not _retags(code, grants)
}

_blocked(name, key, _) if {
	count(_guards[key].passed_to) > 0
	services := {service | some service in _known.paths[name].services}
	count(services) > 0
	count(_guards[key].passed_to & services) == 0
}

# A condition on tags holds nobody who can change the tags.
_retags("resource-tag-condition", grants) if {
	some action in _known.tag_actions
	grants[action]
}

_guards := {key: {"codes": codes, "passed_to": passed_to} |
	some key, grant in input.access.grants
	count(grant.conditions) > 0
	counting := [condition | some condition in grant.conditions; conditions.counts(condition)]
	codes := {_code(condition) | some condition in counting}
	passed_to := {service |
		some condition in counting
		lower(condition.key) == "iam:passedtoservice"
		count([value | some value in condition.values; regex.match(`[*?]`, value)]) == 0
		some service in condition.values
	}
}

default _code(_) := ""

# A boundary that gives the account away holds nobody back.
_code(condition) := "boundary-condition" if {
	lower(condition.key) == "iam:permissionsboundary"
	count([value | some value in condition.values; _privileged(value)]) == 0
}

_code(condition) := "passrole-associated-resource" if lower(condition.key) == "iam:associatedresourcearn"

_code(condition) := "resource-tag-condition" if regex.match(`^[a-z0-9-]+:resourcetag/`, lower(condition.key))

# Only harmless policies can be attached: none of the values is a pattern for all, or a policy that gives the account away.
_code(condition) := "policy-arn-condition" if {
	lower(condition.key) == "iam:policyarn"
	count([value | some value in condition.values; _privileged(value)]) == 0
}

_privileged(arn) if {
	some policy in _known.privileged_policies
	glob.match(arn, null, sprintf("arn:aws:iam::aws:policy/%s", [policy]))
}
