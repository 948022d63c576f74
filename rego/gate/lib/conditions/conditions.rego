# METADATA
# description: |
#   What the conditions of a statement establish together. What each of them does by itself is a fact of the model:
#   whether it counts and narrows, and which accounts and organizations it names.
# schemas:
#   - input: schema.envelope
package gate.lib.conditions

_known := data.gate.knowledge.aws.conditions

# restricting: those of the conditions on one of the keys (as `name` of a condition has them) that count.
restricting(conditions, keys) := [condition |
	some condition in conditions
	condition.name in keys
	condition.counts
]

# identify: those that say who the caller is.
identifying(conditions) := restricting(conditions, _known.caller_keys)

# The organizations that the caller must belong to.
organizations(conditions) := {organization |
	some condition in restricting(conditions, _known.organization_keys)
	some organization in condition.named
}

beyond_organizations(conditions) := [condition |
	some condition in identifying(conditions)
	not condition.name in _known.organization_keys
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
			some account in condition.named
		}
		count(found) > 0
	}
	count(named) > 0
} else := set()

# naming: those of identifying that say who calls, not from where: an endpoint or a VPC may be anybody's.
naming(conditions) := [condition |
	some condition in identifying(conditions)
	not condition.name in _known.place_keys
]

# external_id: an exact one; a pattern, what the request fills or an optional one protects from nothing.
external_id(conditions) if {
	some condition in restricting(conditions, ["sts:externalid"])
	count(condition.wild) == 0
	count(condition.filled) == 0
}

# network: the caller must come from some addresses, not from any.
network(conditions) if {
	some condition in conditions
	condition.name in _known.network_keys
	condition.covers == "some addresses"
}

# unlimited: nothing narrows what is reached.
unlimited(conditions) if count([condition | some condition in conditions; condition.narrows]) == 0
