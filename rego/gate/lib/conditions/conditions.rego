# METADATA
# description: |
#   What the conditions of a statement establish. A condition counts only when it must hold: positive operator, no
#   IfExists, no ForAllValues (both are true when the key is missing), and no value that matches everything, because the
#   values of one condition are alternatives and the weakest decides.
package gate.lib.conditions

_known := data.gate.knowledge.aws.conditions

# restricting: those of the conditions on one of the keys (lower case; a trailing "/" matches every key below) that
# count.
restricting(conditions, keys) := [condition |
	some condition in conditions
	_concerns(lower(condition.key), keys)
	counts(condition)
]

# identify: those that say who the caller is.
identifying(conditions) := restricting(conditions, _known.caller_keys)

# The organizations that the caller must belong to; a path (o-1/r-ab12/ou-ab12-c3/*) begins with its own.
organizations(conditions) := {split(value, "/")[0] |
	some condition in restricting(conditions, _known.organization_keys)
	some value in condition.values
}

beyond_organizations(conditions) := [condition |
	some condition in identifying(conditions)
	not lower(condition.key) in _known.organization_keys
]

# accounts: those that the caller must belong to, where conditions say so by number or by ARN.
accounts(conditions) := _accounts(conditions, [_known.account_keys, ["aws:principalarn"]])

# sources: the accounts on whose behalf a service must act.
sources(conditions) := _accounts(conditions, [["aws:sourceaccount"], ["aws:sourceowner"], ["aws:sourcearn"]])

_accounts(conditions, sets) := intersection(named) if {
	named := {found |
		some keys in sets
		found := {account |
			some condition in restricting(conditions, keys)
			some value in condition.values
			account := _account(value)
		}
		count(found) > 0
	}
	count(named) > 0
} else := set()

_account(value) := value if regex.match(`^\d{12}$`, value)

_account(value) := split(value, ":")[4] if regex.match(`^arn:[^:]*:[^:]*:[^:]*:\d{12}:`, value)

# naming: those of identifying that say who calls, not from where: an endpoint or a VPC may be anybody's.
naming(conditions) := [condition |
	some condition in identifying(conditions)
	not lower(condition.key) in _known.place_keys
]

# external_id: an exact one; a pattern or an optional one protects from nothing.
external_id(conditions) if {
	some condition in restricting(conditions, ["sts:externalid"])
	every value in condition.values { not contains(value, "*") }
}

# network: the caller must come from some addresses, not from any.
network(conditions) if {
	some condition in conditions
	lower(condition.key) in _known.network_keys
	lower(condition.operator) == "ipaddress"
	count(condition.values) > 0
	every value in condition.values { not regex.match(`/[0-7]$`, value) } # two halves are the whole
}

# limiting: those that narrow what is reached. Who calls, from where, when and how leaves the reach of one identity as
# it is, and so does whose account the resource is in (knowledge: `conditions.keys`).
limiting(conditions) := [condition |
	some condition in conditions
	not _concerns(lower(condition.key), _known.not_limiting)
	_narrows(condition)
]

_narrows(condition) if counts(condition)

# A tag that a resource must carry, with whatever value: others are not reached.
_narrows(condition) if {
	contains(lower(condition.key), ":resourcetag/")
	trim_prefix(lower(condition.operator), "foranyvalue:") in _known.positive_operators
	count(condition.values) > 0
}

# counts: the condition must hold for the statement to apply.
counts(condition) if {
	operator := trim_prefix(lower(condition.operator), "foranyvalue:")
	operator in _known.positive_operators
	count(condition.values) > 0
	not _anybody(lower(condition.key), operator, condition.values)
	every value in condition.values { not _matches_everything(operator, value) }
}

# A pattern that strangers fit as well says nothing of the caller: no account, or only the beginning of one.
_anybody(key, operator, values) if {
	operator in _patterns
	key in _known.caller_keys
	not key in _free_texts
	some value in values
	regex.match(_strangers, value)
}

_patterns := {"arnlike", "arnequals", "stringlike"}

# what an identity provider or the caller chose as it liked
_free_texts := {"aws:sourceidentity", "saml:sub"}

_strangers := concat("|", [
	`^[*?]`, # *:role/deploy, *:session
	`^arn:[^:]*(?::[^:]*){0,2}[*?][^:]*$`, # arn:*, arn:aws:*, arn:aws:s3*
	`^arn:[^:]*:[^:]*:[^:]*:\d{0,11}[*?]`,
	`^\d{1,11}[*?]`,
	`^(?:o-[0-9a-z]{0,9}|vpce?-[0-9a-z]{0,7}|A[IR][DO]A)[*?]`,
])

_concerns(key, keys) if key in keys

_concerns(key, keys) if {
	some prefix in keys
	endswith(prefix, "/")
	startswith(key, prefix)
}

_matches_everything(_, value) if regex.match(`^[*?]*$`, value)

# any account; or any name where the ARN has no account
_matches_everything(operator, value) if {
	operator in {"arnlike", "arnequals", "stringlike"}
	regex.match(`^arn:[^:]*:[^:]*:[^:]*:(?:[*?]+(?::.*)?|:[*?]+)$`, value)
}
