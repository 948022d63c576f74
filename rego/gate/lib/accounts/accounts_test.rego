package gate.lib.accounts_test

import data.gate.lib.accounts
import data.gate.lib.envelope_test as envelope

_runner := "k8s:ServiceAccount/ci/runner"

_deployer := "k8s:ServiceAccount/ci/deployer"

_root := "k8s:ServiceAccount/tools/root"

_account(name, parts) := envelope.identity(object.union(
	{"kind": "service_account", "platform": "kubernetes", "name": name, "namespace": "ci"},
	parts,
))

_administrator := {"all_access": "unconditional", "grants": {"*": []}}

# The runner beside a deployer, to whom its way to run pods leads.
_model(deployer, parts) := envelope.of({
	"identities": {
		_runner: _account("runner", {}),
		_deployer: _account("deployer", deployer),
		_root: _account("root", _administrator),
		"aws_iam_role.backup": envelope.identity({}),
	},
	"graph": object.union(
		{
			"administrators": [_deployer | deployer == _administrator],
			"ways": {_runner: [_pods]}, "leads": {"pods": [_deployer]}, "steps": {_runner: ["accounts ci"]},
		},
		parts,
	),
})

_pods := envelope.way({"scope": "ci", "leads": "pods"})

_secrets(scope) := envelope.way({"path": "read-secrets", "scope": scope, "leads": "tokens"})

# The ways of the runner, and whom they lead to with the reason why that is more.
_ways(model) := found if {
	found := {[way.path.id, way.severity, way.proven, {one.id: accounts.why(one) | some one in way.stronger}] |
		some way in accounts.ways(_runner)
	} with input as model
}

_alone := {["create-pods", "medium", false, {}]}

# Whether the way leads to the deployer, for this reason, and weighs that much.
_worth(model, severity, why) if _ways(model) == {["create-pods", severity, true, {_deployer: why}]}

test_account_that_is_an_administrator_makes_the_way_critical if {
	_worth(_model(_administrator, {}), "critical", "is an administrator of the cluster")
}

test_ordinary_account_leaves_the_way_as_it_is if {
	_ways(_model({}, {})) == _alone
}

test_account_that_makes_itself_administrator_is_one if {
	boss := {
		"administrators": [_deployer],
		"ways": {_deployer: [envelope.way({"path": "impersonate-users", "scope": "*"})]},
	}
	_worth(_model({}, boss), "critical", "can (in the whole cluster) act as any user")
}

test_pod_that_runs_as_an_administrator_of_a_cloud if {
	cloud := {"administrators": ["aws_iam_role.backup"], "leads": {"pods": ["aws_iam_role.backup"]}}
	_ways(_model({}, cloud)) == {[
		"create-pods", "critical", true, {"aws_iam_role.backup": "is an administrator of its cloud account"},
	]}
}

test_administrators_are_named_alone if {
	reader := {"administrators": [_root], "leads": {"pods": [_deployer, _root]}, "ways": {_deployer: [_secrets("*")]}}
	_ways(_model({}, reader)) == {["create-pods", "critical", true, {_root: "is an administrator of the cluster"}]}
}

test_administrator_gains_by_nobody if {
	_ways(_model(_administrator, {"administrators": [_runner, _deployer]})) == _alone
}

test_account_that_can_become_an_administrator_is_worth_as_much if {
	chain := {"steps": {_deployer: ["accounts tools"]}, "becomes": {_deployer: [_root]}}
	_worth(_model({}, chain), "critical", "can become k8s:ServiceAccount/tools/root, an administrator")
}

test_peer_with_the_same_steps_is_no_gain if {
	peers := {
		"steps": {_runner: ["accounts ci", "accounts tools"], _deployer: ["accounts tools"]},
		"becomes": {_runner: [_root], _deployer: [_root]},
	}
	_ways(_model({}, peers)) == _alone
}

test_account_with_a_way_that_is_refused_weighs_what_that_weighs if {
	why := "can (in the whole cluster) read every secret, including service account tokens"
	_worth(_model({}, {"ways": {_deployer: [_secrets("*")]}}), "critical", why)
	there := "can (in the namespace kube-system) read every secret, including service account tokens"
	_worth(_model({}, {"ways": {_deployer: [_secrets("kube-system")]}}), "high", there)
	_ways(_model({}, {"ways": {_deployer: [_secrets("ci")]}})) == _alone
}

test_way_that_the_identity_has_itself_is_no_gain if {
	both := {"ways": {_runner: [_pods, _secrets("*")], _deployer: [_secrets("kube-system")]}}
	{way | some way in _ways(_model({}, both)); count(way[3]) > 0} == set()
}

test_account_that_enters_a_cloud_is_a_warning if {
	entering := {"entries": {_deployer: ["aws_iam_role.backup"]}}
	_worth(_model({}, entering), "medium", "can become aws_iam_role.backup")
	both := {"entries": {_deployer: ["aws_iam_role.backup"], _runner: ["aws_iam_role.backup"]}}
	_ways(_model({}, both)) == _alone
}

# Accounts beside the deployer, by name: whose way is refused, who becomes an administrator, who enters a cloud.
_reader := "k8s:ServiceAccount/ci/a-reader"

_climber := "k8s:ServiceAccount/ci/b-climber"

_backup := "k8s:ServiceAccount/ci/c-backup"

_several := object.union(
	_model({}, {
		"leads": {"pods": [_backup, _climber, _deployer, _reader, _runner]},
		"steps": {_deployer: ["accounts tools"], _climber: ["accounts far"]},
		"becomes": {_deployer: [_root], _climber: [_root]},
		"ways": {_reader: [_secrets("kube-system")]},
		"entries": {_backup: ["aws_iam_role.backup"]},
	}),
	{"access": {"identities": {id: _account(id, {}) | some id in [_reader, _climber, _backup]}}},
)

_stronger(model) := [[one.id, one.severity] | some one in found[0].stronger] if {
	found := accounts.ways(_runner) with input as model
}

test_those_who_can_do_most_come_first if {
	_stronger(_several) == [[_climber, "critical"], [_deployer, "critical"], [_reader, "high"], [_backup, "medium"]]
}

test_account_counts_once_by_what_weighs_most if {
	entering := {"entries": {id: ["aws_iam_role.backup"] | some id in [_climber, _reader]}}
	_stronger(object.union(_several, {"access": {"graph": entering}})) == _stronger(_several)
	reading := {"ways": {_climber: [_secrets("*")]}}
	_stronger(object.union(_several, {"access": {"graph": reading}})) == _stronger(_several)
}

_in_namespace(parts) := object.union(_model({}, {}), {"access": {"namespaces": {"ci": envelope.namespace(parts)}}})

test_pod_security_keeps_pods_out_of_a_namespace_with_nothing_to_gain if {
	_ways(_in_namespace({"pod_security": "restricted"})) == set()
	_ways(_in_namespace({"pod_security": "baseline"})) == _alone
	running := {"graph": {"ways": {_runner: [envelope.way({"path": "exec-pods", "scope": "ci"})]}}}
	entered := object.union(_in_namespace({"pod_security": "restricted"}), {"access": running})
	_ways(entered) == {["exec-pods", "medium", false, {}]}
	_ways(_in_namespace({"pod_security": "restricted", "unread": true})) == _alone
	_ways(_in_namespace({"pod_security": "restricted", "secrets": ["k8s:Secret/ci/db"]})) == _alone
	restricted := {"namespaces": {"ci": envelope.namespace({"pod_security": "restricted"})}}
	_worth(
		object.union(_model(_administrator, {}), {"access": restricted}),
		"critical",
		"is an administrator of the cluster",
	)
}

_reading(scope, namespace) := object.union(
	_model({}, {"ways": {_runner: [_secrets(scope)]}, "leads": {"tokens": [_deployer]}}),
	{"access": {"namespaces": {"ci": envelope.namespace(namespace)}}},
)

test_secrets_of_a_namespace_are_proven_where_one_is_in_view if {
	_ways(_reading("ci", {})) == {["read-secrets", "medium", false, {}]}
	_ways(_reading("ci", {"secrets": ["k8s:Secret/ci/db"]})) == {["read-secrets", "medium", true, {}]}
}

test_whole_cluster_says_it_all_without_names if {
	everywhere := _model(_administrator, {"ways": {_runner: [envelope.way({"scope": "*", "leads": "pods"})]}})
	_ways(everywhere) == {["create-pods", "high", true, {}]}
}

test_way_that_leads_to_nobody_is_proven_by_the_right_itself if {
	_ways(_model({}, {"ways": {_runner: [envelope.way({"path": "write-mutating-webhooks", "scope": "*"})]}})) == {[
		"write-mutating-webhooks", "high", true, {},
	]}
}

_named := envelope.way({"path": "request-token", "scope": "ci", "leads": "pods", "limited": true, "by_name": true})

test_names_count_where_one_of_them_can_do_more if {
	_ways(_model(_administrator, {"ways": {_runner: [_named]}})) == {[
		"request-token", "critical", true, {_deployer: "is an administrator of the cluster"},
	]}
	_ways(_model({}, {"ways": {_runner: [_named]}})) == set()
}

_applied := envelope.way({
	"path": "write-deployments-of-a-controller", "scope": "*", "leads": "controllers",
	"actions": ["create kustomize.toolkit.fluxcd.io/kustomizations"],
})

# In the whole cluster, too, since the controller stands somewhere.
test_who_writes_for_a_controller_becomes_it_wherever_it_stands if {
	led := {"ways": {_runner: [_applied]}, "leads": {"controllers": [_deployer]}}
	_ways(_model(_administrator, led)) == {[
		"write-deployments-of-a-controller", "critical", true, {_deployer: "is an administrator of the cluster"},
	]}
	unseen := {"ways": {_runner: [object.union(_applied, {"scope": "ci"})]}, "leads": {"controllers": []}}
	_ways(_model(_administrator, unseen)) == {["write-deployments-of-a-controller", "medium", true, {}]}
}
