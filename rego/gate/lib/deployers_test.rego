package gate.lib.deployers_test

import data.gate.lib.deployers

_id := "k8s:ServiceAccount/team/tenant"

_way := {
	"path": {"id": "write-deployments-of-a-controller"}, "actions": {"create kustomize.toolkit.fluxcd.io/kustomizations"},
	"severity": "medium", "stronger": [], "proven": true,
}

_other := {"path": {"id": "read-secrets"}, "actions": {"list secrets"}, "severity": "low", "stronger": [], "proven": true}

_account(name, all_access) := {sprintf("k8s:ServiceAccount/flux-system/%s", [name]): {
	"kind": "service_account", "name": name, "all_access": all_access,
}}

_weighed(ways, accounts) := found if {
	found := deployers.weighed(_id, ways) with input.access as {"identities": accounts}
}

test_who_may_write_for_a_controller_becomes_it if {
	[led, other] := _weighed([_other, _way], _account("kustomize-controller", "unconditional"))
	other == _other
	led == object.union(_way, {"severity": "critical", "stronger": [{
		"id": "k8s:ServiceAccount/flux-system/kustomize-controller", "severity": "critical", "by": "itself", "then": [],
	}]})
}

test_a_controller_that_is_none_or_not_in_view_leaves_the_weight if {
	_weighed([_way], _account("kustomize-controller", "none")) == [_way]
	_weighed([_way], _account("helm-controller", "unconditional")) == [_way]
	_weighed([_way], {}) == [_way]
	_weighed([_other], _account("kustomize-controller", "unconditional")) == [_other]
}

test_nobody_becomes_itself if {
	found := deployers.weighed("k8s:ServiceAccount/flux-system/kustomize-controller", [_way]) with input.access as {"identities": _account("kustomize-controller", "unconditional")}
	found == [_way]
}

_running(settings) := {"runs_as": ["k8s:ServiceAccount/flux-system/kustomize-controller"], "settings": [{"name": name} | some name in settings]}

_beside(workloads) := found if {
	found := deployers.weighed(_id, [_way]) with input.access as {
		"identities": _account("kustomize-controller", "unconditional"), "workloads": workloads,
	}
}

test_a_controller_that_acts_as_an_account_of_the_tenant_hands_nothing_on if {
	_beside({"a": _running(["controller-default-account"])}) == [_way]
	_beside({"a": _running(["pod-host-port"])})[0].severity == "critical"
	_beside({"a": _running(["controller-default-account"]), "b": _running([])})[0].severity == "critical"
}
