# METADATA
# title: Pod that can take over its node
# description: |
#   Settings of the pod give control of the node it runs on: privileged containers, host namespaces, paths and sockets
#   of the host, powerful capabilities, or Windows host processes. Whoever controls the node can act as every pod on
#   it. Init and ephemeral containers count; a path that no container mounts does not.
# custom:
#   id: node-takeover
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI6", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.2.2"]
#   remediation: "Remove the setting. The Pod Security level baseline rejects it."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.node_takeover

import data.gate.lib

findings contains finding if {
	some id, workload in input.access.workloads
	workload.platform == "kubernetes"
	weighed := _weighed(workload, _rights(workload))
	count(weighed) > 0
	first := weighed[0].setting
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": id,
		"severity": weighed[0].severity,
		"message": sprintf("%s %s%s.", [_who(id, workload.kind), _gains(weighed), _exposed(workload.exposure)]),
		"remediation": concat("; ", [item.said.fix | some i, item in weighed; not item.said.fix in _fixes(weighed, i)]),
		"location": first.source.location,
		"evidence": [{
			"address": id,
			"statement": item.setting.where,
			"action": item.setting.name,
			"resource": item.setting.value,
			"location": item.setting.source.location,
		} |
			some item in weighed
		],
		"facts": {sprintf("%s: %s", [item.setting.name, item.setting.value]) | some item in weighed},
	})
}

_who(id, kind) := sprintf("Each pod that %s changes", [id]) if {
	kind in data.gate.knowledge.kubernetes.rewriting.policies
} else := id

# The settings that weigh something, worst first.
_weighed(workload, rights) := [item[3] |
	some item in sort([[0 - _rank(severity), setting.where, setting.value, found] |
		some setting in workload.settings
		said := data.gate.knowledge.kubernetes.pod_settings[setting.name]
		by_right := _by_right(setting, said, rights)
		weights := _weights(setting, said, {other.name | some other in workload.settings}) | by_right
		count(weights) > 0
		severity := lib.worst(weights)
		found := {"setting": setting, "severity": severity, "said": _more_said(said, by_right)}
	])
]

# What a setting weighs: by itself, for its value, and together with another setting of the pod.
_weights(setting, said, others) := union({
	_alone(setting, said),
	{weight | weight := said.values[setting.value]},
	{weight |
		some other, values in said["with"]
		other in others
		some value in [setting.value, "any"]
		weight := values[value]
	},
})

_more_said(said, by_right) := said if count(by_right) == 0

_more_said(said, by_right) := object.union(said, {"gains": said.gains_with_right}) if count(by_right) > 0

# What a setting weighs beside a right of the account whose token the pod holds.
_by_right(setting, said, rights) := {weight |
	setting.limited != "read only"
	some right, weight in said.with_right
	right in rights
}

_rights(workload) := {"get logs" |
	workload.token == true
	some account in workload.runs_as
	some grant in input.access.grants
	account in grant.holders
	grant.rule.logs
}

_alone(setting, said) := set() if {
	setting.limited == "not as root"
} else := {said.read_only} if {
	setting.limited == "read only"
} else := {said.severity} if {
	said.severity
} else := set()

_rank(severity) := rank if {
	some rank, name in lib.severities
	name == severity
}

_fixes(weighed, i) := {item.said.fix | some item in array.slice(weighed, 0, i)}

_gains(weighed) := lib.listed({item.said.gains | some item in weighed})

_exposed("internet") := ", and the internet reaches it"

_exposed(exposure) := "" if exposure != "internet"
