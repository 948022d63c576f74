package gate.lib.accounts_test

import data.gate.lib.accounts
import data.gate.lib.envelope_test as envelope
import data.gate.lib.rights
import data.gate.lib.takeover

_runner := "k8s:ServiceAccount/ci/runner"

_deployer := "k8s:ServiceAccount/ci/deployer"

_account(name, parts) := envelope.identity(object.union(
	{"kind": "service_account", "platform": "kubernetes", "name": name, "namespace": "ci", "grants": {}, "all_access": "none"},
	parts,
))

_grant(resources, parts) := envelope.grant(object.union(
	{
		"platform": "kubernetes", "actions": ["get things"], "resources": resources, "everything": false, "holders": [_runner],
		"source": {"address": "k8s:Role/ci/runner", "statement": "rules[0]", "location": null},
	},
	parts,
))

_admin := {"all_access": "unconditional", "grants": {"*": []}}

# The runner with these grants (action → resources) beside a deployer.
_access(rights_of_runner, deployer, parts) := envelope.access(object.union(
	{
		"identities": {
			_runner: _account("runner", {"grants": {action: [action] | some action, _ in rights_of_runner}}),
			_deployer: _account("deployer", deployer),
		},
		"grants": {action: _grant(resources, {}) | some action, resources in rights_of_runner},
	},
	parts,
))

_ways(access) := found if {
	found := {[way.path.id, way.severity, way.proven, [one.id | some one in way.stronger], [accounts.why(one) | some one in way.stronger]] |
		some way in accounts.ways(_runner)
	} with input.access as access
}

_pods := {"create pods": ["ci/*"]}

test_an_account_of_the_namespace_that_can_do_more_makes_the_way_as_heavy_as_it_is if {
	_ways(_access(_pods, _admin, {})) == {["create-pods", "critical", true, [_deployer], ["is an administrator of the cluster"]]}
	_ways(_access(_pods, {}, {})) == {["create-pods", "medium", false, [], []]}
	_ways(_access(_pods, object.union(_admin, {"namespace": "other"}), {})) == {["create-pods", "medium", false, [], []]}
}

test_administrators_are_named_alone_and_gain_nothing if {
	other := {"k8s:ServiceAccount/ci/reader": _account("reader", {"grants": {"list secrets": ["s"]}})}
	read := {"s": _grant(["*"], {"holders": ["k8s:ServiceAccount/ci/reader"]})}
	_ways(_access(_pods, _admin, {"identities": other, "grants": read})) == {[
		"create-pods", "critical", true, [_deployer], ["is an administrator of the cluster"],
	]}
	boss := _access(object.union(_pods, {"impersonate users": ["*"]}), _admin, {})
	{way[0]: way[3] | some way in _ways(boss)} == {"create-pods": [], "impersonate-users": []}
}

test_peers_with_the_same_steps_are_no_gain if {
	root := {"k8s:ServiceAccount/tools/root": _account("root", object.union(_admin, {"namespace": "tools"}))}
	both := {"t": _grant(["tools/*"], {"holders": [_runner, _deployer]}), "p": _grant(["ci/*"], {"holders": [_runner, _deployer]})}
	grants := {"create serviceaccounts/token": ["t"], "create pods": ["p"]}
	access := envelope.access({
		"identities": object.union(root, {_runner: _account("runner", {"grants": grants}), _deployer: _account("deployer", {"grants": grants})}),
		"grants": both,
	})
	{way[0]: way[3] | some way in _ways(access)} == {"create-pods": [], "request-token": ["k8s:ServiceAccount/tools/root"]}
}

test_what_the_identity_holds_itself_is_no_gain if {
	more := {"grants": {"list secrets": ["s"], "impersonate users": ["i"]}}
	reads := {"s": _grant(["*"], {}), "i": _grant(["*"], {})}
	_ways(_access(_pods, {"grants": {"list secrets": ["s"]}}, {"grants": {"s": reads.s}})) == {[
		"create-pods", "critical", true, [_deployer],
		["can (in the whole cluster) read every secret, service account tokens included"],
	]}
	both := _access(object.union(_pods, {"list secrets": ["*"]}), {"grants": {"list secrets": ["s"]}}, {"grants": {"s": reads.s}})
	{way[0] | some way in _ways(both); count(way[3]) > 0} == set()
	_ways(_access(_pods, more, {"grants": reads})) == {[
		"create-pods", "critical", true, [_deployer], ["can (in the whole cluster) act as any user"],
	]}
}

test_a_way_over_others_to_an_administrator_or_into_a_cloud if {
	further := {"k8s:ServiceAccount/tools/root": _account("root", object.union(_admin, {"namespace": "tools"}))}
	token := {"t": _grant(["tools/*"], {"holders": [_deployer]})}
	chain := _access(_pods, {"grants": {"create serviceaccounts/token": ["t"]}}, {"identities": further, "grants": token})
	_ways(chain) == {[
		"create-pods", "critical", true, [_deployer], ["can become k8s:ServiceAccount/tools/root, an administrator"],
	]}
	into := {"aws_iam_role.backup": [envelope.edge(
		{"kind": "service_account", "value": _deployer, "identity": _deployer},
		{"identity": "aws_iam_role.backup"},
	)]}
	cloud := _access(_pods, {}, {"identities": {"aws_iam_role.backup": envelope.identity({})}, "trust": into})
	_ways(cloud) == {["create-pods", "medium", true, [_deployer], ["can become aws_iam_role.backup"]]}
}

test_pod_security_keeps_pods_out_of_a_namespace_with_nothing_to_gain if {
	restricted := {"namespaces": {"ci": _namespace({"pod_security": "restricted"})}}
	_ways(_access(_pods, {}, restricted)) == set()
	_ways(_access(_pods, {}, {"namespaces": {"ci": _namespace({"pod_security": "baseline"})}})) != set()
	_ways(_access(_pods, {}, {"namespaces": {"ci": _namespace({"pod_security": "restricted", "unread": true})}})) != set()
	_ways(_access(_pods, {}, {"namespaces": {"ci": _namespace({"pod_security": "restricted", "secrets": ["k8s:Secret/ci/db"]})}})) != set()
	_ways(_access(_pods, _admin, restricted)) != set()
}

_namespace(parts) := object.union({"written": true, "unread": false, "pod_security": null, "admin_access": false, "secrets": [], "configured": []}, parts)

_pod(id, parts) := {id: object.union(
	{
		"kind": "Pod", "platform": "kubernetes", "runs_as": [_deployer], "service_roles": [], "namespace": "ci", "exposure": "none",
		"token": true, "settings": [], "secrets": [], "doors": [], "change": "create", "source": envelope.from(id),
	},
	parts,
)}

test_a_running_pod_is_entered_where_it_holds_a_token if {
	enter := {"create pods/exec": ["ci/*"]}
	{way[3] | some way in _ways(_access(enter, _admin, {"workloads": _pod("k8s:Pod/ci/d", {})}))} == {[_deployer]}
	{way[3] | some way in _ways(_access(enter, _admin, {"workloads": _pod("k8s:Pod/ci/d", {"token": false})}))} == {[]}
	named := {"create pods/exec": ["ci/d"]}
	{way[3] | some way in _ways(_access(named, _admin, {"workloads": _pod("k8s:Pod/ci/d", {})}))} == {[_deployer]}
	_ways(_access(named, _admin, {"workloads": _pod("k8s:Pod/ci/other", {})})) == set()
}

test_tokens_in_secrets if {
	stored := {"credentials": [{"kind": "service account token", "identity": _deployer, "source": envelope.from("k8s:Secret/ci/token")}]}
	{[way[1], way[2], way[3]] | some way in _ways(_access({"list secrets": ["ci/*"]}, _admin, stored))} == {["critical", true, [_deployer]]}
	{[way[1], way[2], way[3]] | some way in _ways(_access({"list secrets": ["ci/*"]}, {}, {}))} == {["medium", false, []]}
	secret := {"namespaces": {"ci": _namespace({"secrets": ["k8s:Secret/ci/db"]})}}
	{[way[1], way[2], way[3]] | some way in _ways(_access({"list secrets": ["ci/*"]}, {}, secret))} == {["medium", true, []]}
	named := object.union(stored, {"grants": {"get secrets": _grant(["ci/token"], {"targets": ["k8s:Secret/ci/token"]})}})
	{way[3] | some way in _ways(_access({"get secrets": ["ci/token"]}, _admin, named))} == {[_deployer]}
	other := object.union(stored, {"grants": {"get secrets": _grant(["ci/db"], {"targets": ["k8s:Secret/ci/db"]})}})
	_ways(_access({"get secrets": ["ci/db"]}, _admin, other)) == set()
}

test_names_limit_whose_token_and_not_as_whom_a_workload_runs if {
	{way[3] | some way in _ways(_access({"create serviceaccounts/token": ["ci/deployer"]}, _admin, {}))} == {[_deployer]}
	_ways(_access({"create serviceaccounts/token": ["ci/runner"]}, _admin, {})) == set()
	{way[3] | some way in _ways(_access({"patch apps/deployments": ["ci/web"]}, _admin, {}))} == {[_deployer]}
	_ways(_access({"patch apps/deployments": ["ci/web"]}, {}, {})) == set()
}

test_the_whole_cluster_leads_to_everybody_and_needs_no_names if {
	everywhere := _access({"create pods": ["*"]}, _admin, {})
	_ways(everywhere) == {["create-pods", "high", true, [], []]}
	steps := takeover.steps with input.access as everywhere
	steps == {_runner: {["accounts", "*"]}}
	led := takeover.led(["accounts", "*"]) with input.access as everywhere
	led == {_runner, _deployer}
	jane := _access({"impersonate users": ["*/jane"]}, {}, {"grants": {"impersonate users": _grant(["*/jane"], {"targets": ["k8s:User//jane"]})}})
	by_name := takeover.steps with input.access as jane
	by_name == {_runner: {"k8s:User//jane"}}
}

test_who_makes_itself_administrator_is_one if {
	boss := _access(_pods, {"grants": {"impersonate users": ["i"]}}, {"grants": {"i": _grant(["*"], {"holders": [_deployer]})}})
	administrators := rights.administrators with input.access as boss
	administrators == {_deployer}
}
