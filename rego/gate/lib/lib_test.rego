package gate.lib_test

import data.gate.lib

test_few_are_listed_and_many_are_counted if {
	lib.listed(set()) == ""
	lib.listed({"a"}) == "a"
	lib.listed({"b", "a"}) == "a and b"
	lib.listed({"c", "b", "a", "d"}) == "a, b, c and d"
	lib.listed({"c", "b", "a", "d", "e"}) == "a, b, c and 2 others"
}

test_plural_is_one_or_more if {
	[lib.plural(1, "role"), lib.plural(0, "role"), lib.plural(2, "role")] == ["1 role", "0 roles", "2 roles"]
}

test_worst_severity_wins if lib.worst({"low", "critical", "medium"}) == "critical"

test_a_field_that_is_null_or_not_there_is_missing if {
	lib.missing({"owner": null}, "owner")
	lib.missing({}, "owner")
	not lib.missing({"owner": "team"}, "owner")
	not lib.missing({"external": false}, "external")
}
