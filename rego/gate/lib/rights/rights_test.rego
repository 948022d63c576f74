package gate.lib.rights_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.rights

_id := "k8s:ServiceAccount/shop/app"

_model(ways) := envelope.of({"graph": {"ways": {_id: ways}}})

_found(ways) := [[way.path.id, way.scope, way.severity] | some way in found] if {
	found := rights.ways(_id) with input as _model(ways)
}

# How much a way weighs; `none` where least privilege asks for just that.
_weight(path, scope, limit) := found[0][2] if {
	found := _found([envelope.way({"path": path, "scope": scope, "limits": {"g": limit}})])
	count(found) == 1
} else := "none"

test_scope_decides_how_much_a_free_right_weighs if {
	scopes := ["*", "kube-system", "shop"]
	paths := ["read-secrets", "create-pods", "read-node-logs"]
	{path: [_weight(path, scope, "free") | some scope in scopes] | some path in paths} == {
		"read-secrets": ["critical", "high", "medium"],
		"create-pods": ["high", "high", "medium"],
		"read-node-logs": ["low", "low", "none"],
	}
}

test_names_limit_what_a_right_weighs if {
	limits := ["free", "privileged", "named"]
	paths := ["map-cloud-identities", "bind-in-namespace"]
	{path: [_weight(path, "kube-system", limit) | some limit in limits] | some path in paths} == {
		"map-cloud-identities": ["medium", "critical", "none"],
		"bind-in-namespace": ["critical", "critical", "none"],
	}
	[_weight("write-mutating-webhooks", "*", limit) | some limit in limits] == ["high", "high", "medium"]
}

test_worst_grant_of_a_way_decides if {
	two := envelope.way({
		"path": "map-cloud-identities", "scope": "kube-system", "keys": ["g", "h", "i"],
		"limits": {"g": "free", "h": "privileged", "i": "named"},
	})
	_found([two]) == [["map-cloud-identities", "kube-system", "critical"]]
}

test_worst_way_comes_first if {
	_found([
		envelope.way({"scope": "b"}),
		envelope.way({"scope": "a"}),
		envelope.way({"path": "read-secrets", "scope": "*"}),
	]) == [["read-secrets", "*", "critical"], ["create-pods", "a", "medium"], ["create-pods", "b", "medium"]]
}

test_way_carries_its_path_and_what_it_uses if {
	found := rights.ways(_id) with input as _model([envelope.way({"keys": ["g", "h"], "leads": "o1"})])
	pods := [path | some path in data.gate.knowledge.kubernetes.escalation; path.id == "create-pods"][0]
	found == [{
		"path": pods, "scope": "shop", "keys": {"g", "h"}, "limits": {"g": "free"}, "actions": {"create pods"},
		"limited": false, "leads": "o1", "by_name": false, "severity": "medium",
	}]
}

test_ways_by_name_are_without_severity_and_apart if {
	named := envelope.way({"path": "request-token", "by_name": true})
	_found([named]) == []
	limited := rights.limited(_id) with input as _model([named, envelope.way({})])
	[[way.path.id, object.get(way, "severity", "none")] | some way in limited] == [["request-token", "none"]]
}
