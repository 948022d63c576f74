package gate.lib.rights_test

import data.gate.lib.envelope_test as envelope
import data.gate.lib.rights

_id := "k8s:ServiceAccount/shop/app"

_grant(resources, parts) := envelope.grant(object.union(
	{
		"platform": "kubernetes", "actions": ["get things"], "resources": resources, "everything": false, "holders": [_id],
		"source": {"address": "k8s:Role/shop/app", "statement": "rules[0]", "location": null},
	},
	parts,
))

# held: action → resources; parts: of the access model, grants by action among them.
_found(held, parts) := {[way.path.id, way.scope, way.severity] | some way in found} if {
	access := envelope.access(object.union(
		{
			"identities": {_id: envelope.identity({
				"kind": "service_account", "platform": "kubernetes", "name": "app", "namespace": "shop",
				"grants": {action: [action] | some action, _ in held}, "all_access": "none",
			})},
			"grants": {action: _grant(resources, {}) | some action, resources in held},
		},
		parts,
	))
	found := rights.ways(_id) with input.access as access
}

test_a_wider_way_says_it_all if {
	both := {"get secrets": ["*"], "list secrets": ["*"]}
	_found(both, {}) == {["read-secrets", "*", "critical"]}
	apart := {"get secrets": ["one/*"], "list secrets": ["two/*"]}
	_found(apart, {}) == {["get-secrets", "one", "medium"], ["read-secrets", "two", "medium"]}
}

test_handing_on_matters_beside_something_to_hand_on if {
	write := "create rbac.authorization.k8s.io/rolebindings"
	_found({write: ["shop/*"]}, {}) == set()
	_found({write: ["shop/*"], "list secrets": ["shop/*"]}, {}) == {
		["spread-own-rights-in-namespace", "shop", "low"],
		["read-secrets", "shop", "medium"],
	}
}

test_a_misplaced_verb_counts_where_it_is_written if {
	bind := "bind rbac.authorization.k8s.io/rolebindings"
	_found({bind: ["shop/*"]}, {"grants": {bind: _grant(["shop/*"], {"actions": ["get,bind rbac.authorization.k8s.io/rolebindings"]})}}) == {[
		"bind-on-bindings", "shop", "low",
	]}
	_found({bind: ["shop/*"]}, {"grants": {bind: _grant(["shop/*"], {"actions": ["* rbac.authorization.k8s.io/rolebindings"]})}}) == set()
}

test_a_token_is_minted_where_any_secret_can_be_read_back if {
	create := {"create secrets": ["shop/*"]}
	"mint-token-secret" in {way[0] | some way in _found(object.union(create, {"get secrets": ["shop/*"]}), {})}
	_found(object.union(create, {"get secrets": ["shop/own"]}), {}) == set()
}

_limited(target) := {"grants": {"escalate rbac.authorization.k8s.io/clusterroles": _grant(
	[sprintf("*/%s", [target])],
	{"targets": [sprintf("k8s:ClusterRole//%s", [target])]},
)}}

test_escalate_on_a_role_of_its_own if {
	escalate := "escalate rbac.authorization.k8s.io/clusterroles"
	update := "update rbac.authorization.k8s.io/clusterroles"
	own := {"grants": {update: _grant(["*"], {"source": {"address": "k8s:ClusterRole//mine", "statement": "0", "location": null}})}}
	held := {escalate: ["*"], update: ["*"]}
	["escalate-cluster-roles", "*", "critical"] in _found(held, object.union(_limited("mine"), own))
	_found(held, object.union(_limited("other"), own)) == set()
	["escalate-cluster-roles", "*", "critical"] in _found(held, _limited("admin"))
}

_allowing(actions) := {
	"grants": {"bind rbac.authorization.k8s.io/clusterroles": _grant(["*/team"], {"targets": ["k8s:ClusterRole//team"]})},
	"roles": {"k8s:ClusterRole//team": actions},
}

test_a_role_that_may_be_bound_counts_by_its_content if {
	bind := "bind rbac.authorization.k8s.io/clusterroles"
	write := "create rbac.authorization.k8s.io/clusterrolebindings"
	held := {bind: ["*"], write: ["*"]}
	_found(held, _allowing(["list secrets"])) == {["bind-cluster-wide", "*", "critical"]}
	_found(held, _allowing(["*"])) == {["bind-cluster-wide", "*", "critical"]}
	_found(held, _allowing(["get nodes/log"])) == set()
}

_edge(subject) := {"trust": {"aws_iam_role.r": [envelope.edge({"kind": "oidc"}, {
	"identity": "aws_iam_role.r", "conditions": [envelope.when("StringLike", "oidc.example.com:sub", [subject])],
})]}}

test_what_has_to_be_in_view_too if {
	write := {"patch serviceaccounts": ["shop/*"]}
	_found(write, _edge("system:serviceaccount:shop:*")) == {["annotate-service-account", "shop", "medium"]}
	_found(write, _edge("system:serviceaccount:sh*:app")) == {["annotate-service-account", "shop", "medium"]}
	_found(write, _edge("system:serviceaccount:other:*")) == set()
	_found(write, _edge("system:serviceaccount:shop:app")) == set()
	entering := {"trust": {"aws_iam_role.r": [envelope.edge({"kind": "service_account", "identity": _id}, {"identity": "aws_iam_role.r"})]}}
	_found(write, entering) == {["link-service-account", "shop", "low"]}
	_found({"patch serviceaccounts": ["other/*"]}, entering) == set()
	_found({"patch serviceaccounts": ["*"]}, {}) == {["annotate-service-account", "*", "low"]}
	config := {"update configmaps": ["shop/*"]}
	_found(config, _shop({"configured": ["k8s:ServiceAccount/shop/web"]})) == {["write-config", "shop", "low"]}
	_found(config, _shop({"configured": [_id]})) == set()
	claims := {"create resource.k8s.io/resourceclaims": ["shop/*"]}
	_found(claims, _shop({"admin_access": true})) == {["claim-devices-in-admin-namespace", "shop", "medium"]}
	_found(claims, _shop({})) == set()
}

_shop(parts) := {"namespaces": {"shop": object.union(
	{"written": true, "unread": false, "pod_security": null, "admin_access": false, "secrets": [], "configured": []},
	parts,
)}}

test_names_that_are_worth_a_weight_of_their_own if {
	_found({"patch configmaps": ["kube-system/coredns"]}, {}) == {["redirect-dns", "kube-system", "medium"]}
	_found({"patch configmaps": ["kube-system/*"]}, {}) == {
		["map-cloud-identities", "kube-system", "medium"],
		["redirect-dns", "kube-system", "medium"],
	}
	_found({"update coordination.k8s.io/leases": ["kube-system/kube-scheduler"]}, {}) == {["take-over-leases", "kube-system", "low"]}
	_found({"update coordination.k8s.io/leases": ["shop/*"]}, {}) == set()
}

_of(id) := {way.path.id | some way in found} if {
	access := {
		"identities": {id: {"kind": "user", "platform": "kubernetes", "all_access": "none", "grants": {"patch nodes": ["n"]}}},
		"grants": {"n": {"resources": ["*"], "platform": "kubernetes", "holders": [id], "targets": null}},
	}
	found := rights.ways(id) with input.access as access
}

test_nodes_are_kept_to_their_own if {
	_of("k8s:User//jane") == {"write-nodes"}
	_of("k8s:User//system:node:one") == set()
	_of("k8s:Group//system:nodes") == set()
}
