package gate.lib.kubernetes_test

import data.gate.lib.kubernetes

_grant(address, statement) := {"source": {"address": address, "statement": statement}}

test_what_proves_a_sentence_stands_first_and_each_place_once if {
	grants := [_grant("z", "rules[1]"), _grant("a", "rules[0]"), _grant("z", "rules[2]"), _grant("z", "rules[4]")]
	kubernetes.through_in_order(grants) == "z (rules[1] and 2 more rules) and a (rules[0])"
	kubernetes.through_in_order([_grant("z", "rules[1]")]) == "z (rules[1])"
}
