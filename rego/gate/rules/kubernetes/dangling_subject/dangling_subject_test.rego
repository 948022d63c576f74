package dangling_subject_test

import data.gate.lib.envelope_test as envelope
import data.gate.rules.kubernetes.dangling_subject

_account := "k8s:ServiceAccount/shop/worker"

_found(account, namespaces, holders) := _beside(account, namespaces, holders, [])

_beside(account, namespaces, holders, unread) := {[f.identity, f.address, f.message] | some f in findings} if {
	access := envelope.access({
		"identities": {_account: envelope.identity(object.union(
			{"kind": "service_account", "platform": "kubernetes", "name": "worker", "namespace": "shop", "external": true},
			account,
		))},
		"grants": {"g": envelope.grant({
			"platform": "kubernetes", "actions": ["get configmaps"], "resources": ["shop/*"], "holders": holders,
			"source": {"address": "k8s:Role/shop/worker", "statement": "rules[0]", "location": null},
		})},
		"namespaces": namespaces,
		"unknown": [{"source": {"address": address}} | some address in unread],
	})
	findings := dangling_subject.findings with input.access as access
}

_written := {"shop": {
	"written": true,
	"unread": false,
	"pod_security": null,
	"admin_access": false,
	"secrets": [],
	"configured": [],
}}

test_an_account_that_its_namespace_lacks_is_told if {
	_found({}, _written, [_account]) == {[
		_account,
		"k8s:Role/shop/worker",
		concat(" ", [
			"k8s:ServiceAccount/shop/worker does not exist in the namespace shop; whoever creates it can",
			"get configmaps, through k8s:Role/shop/worker (rules[0]).",
		]),
	]}
}

test_what_is_not_in_view_or_exists_is_silent if {
	_found({}, {}, [_account]) == set()
	_found({}, {"shop": object.union(_written.shop, {"written": false})}, [_account]) == set()
	_found({"external": false}, _written, [_account]) == set()
	_found({"name": "default"}, _written, [_account]) == set()
	_found({}, _written, []) == set()
	_found({"inherited": ["g"]}, _written, [_account, "k8s:Group//system:serviceaccounts"]) == set()
}

test_an_account_that_nobody_could_read_exists if {
	_beside({}, _written, [_account], [_account]) == set()
}

test_a_user_of_that_name_needs_no_object if {
	every kind in ["user", "group"] {
		_found({"kind": kind}, _written, [_account]) == set()
	}
}

test_all_rights_of_a_grant_are_its_evidence if {
	found := dangling_subject.findings with input.access as envelope.access({
		"identities": {_account: envelope.identity({
			"kind": "service_account", "platform": "kubernetes", "name": "worker", "namespace": "shop", "external": true,
		})},
		"grants": {"g": envelope.grant({
			"platform": "kubernetes", "actions": ["get pods", "list pods"], "resources": ["shop/*"], "holders": [_account],
			"source": {"address": "k8s:Role/shop/worker", "statement": "rules[0]", "location": null},
		})},
		"namespaces": _written,
	})
	{[f.location, f.evidence, f.facts] | some f in found} == {[
		null,
		[{
			"address": "k8s:Role/shop/worker", "statement": "rules[0]", "location": null,
			"action": "get pods; list pods", "resource": "shop/*",
		}],
		{"missing, named by k8s:Role/shop/worker"},
	]}
}
