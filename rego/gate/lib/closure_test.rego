package gate.lib.closure_test

import data.gate.lib.closure
import data.gate.lib.envelope_test as envelope

_named(callers) := envelope.of({
	"identities": {id: envelope.identity({}) | some id, _ in callers},
	"trust": {id: [envelope.edge({"kind": "role", "value": other, "identity": other}, {}) | some other in others] |
		some id, others in callers
		count(others) > 0
	},
})

# Three thickets of 13 roles that all name each other, the next of which names one of the one before, and a role behind.
_thickets := object.union(
	{sprintf("%s%d", [team, n]): others |
		some place, team in ["a", "b", "c"]
		some n in numbers.range(1, 13)
		others := {sprintf("%s%d", [team, k]) | some k in numbers.range(1, 13); k != n} | {before |
			n == 7
			before := sprintf("%s3", [["", "a", "b"][place]])
			place > 0
		}
	},
	{"z": {"c1"}},
)

test_thickets_are_told_apart if {
	found := closure.behind with input as _named(_thickets)
	{team: {count(told.ids) | some id, told in found; startswith(id, team)} | some team in ["a", "b", "c", "z"]} == {
		"a": {40}, "b": {27}, "c": {14}, "z": set(),
	}
	{told.held | some told in found} == {{"a1"}}
}

test_ways_that_part_and_meet_again if {
	# sixteen layers of two, each of which names both of the layer before
	callers := {sprintf("r%d", [n]): {sprintf("r%d", [k]) | some k in [(2 * floor(n / 2)) - 2, (2 * floor(n / 2)) - 1]; k >= 0} |
		some n in numbers.range(0, 31)
	}
	found := closure.behind with input as _named(callers)
	{id: count(told.ids) | some id, told in found} == {sprintf("r%d", [n]): (30 - (2 * floor(n / 2))) | some n in numbers.range(0, 29)}
}

test_a_way_back_to_oneself if {
	found := closure.behind with input as _named({"a": {"c"}, "b": {"a"}, "c": {"b"}, "d": {"c"}})
	{id: told.ids | some id, told in found} == {id: {"a", "b", "c", "d"} | some id in ["a", "b", "c"]}
}
