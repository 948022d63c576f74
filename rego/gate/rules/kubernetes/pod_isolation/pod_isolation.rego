# METADATA
# title: Pod with weak isolation
# description: |
#   Settings of the pod weaken its separation from its node and its neighbours, without giving control of the node
#   (see node-takeover). Settings that most pods leave unset (root, capabilities, privilege escalation, seccomp) count
#   only if the pod is reachable from the internet. There is one warning for each pod.
# custom:
#   id: pod-isolation
#   severity: low
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI6", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.2.1"]
#   remediation: "Add the missing settings: the Pod Security level restricted requires them."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.pod_isolation

import data.gate.lib
import data.gate.lib.bridge

_known := data.gate.knowledge.kubernetes.isolation

findings contains finding if {
	some id, workload in input.access.workloads
	workload.platform == "kubernetes"
	weighed := _weighed(workload)
	count(weighed) > 0
	first := weighed[0].setting
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": id,
		"severity": lib.worst({item.severity | some item in weighed}),
		"message": sprintf("%s %s%s.", [
			id, lib.listed({_known[item.setting.name].gains | some item in weighed}), _exposed(workload),
		]),
		"remediation": sprintf("%s.", [concat("; ", _fixes(weighed))]),
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

_weighed(workload) := [item[2] |
	some item in sort([[setting.name, setting.where, {"setting": setting, "severity": severity}] |
		some setting in array.concat(workload.isolation, workload.settings)
		severity := _weight(_known[setting.name], setting, workload.exposure)
	])
]

_weight(said, setting, exposure) := severity if {
	severity := said.values[setting.value]
} else := severity if {
	severity := said.always
} else := said.longer.severity if {
	setting.lasts > said.longer.seconds
} else := said.exposed if exposure == "internet"

_fixes(weighed) := {_known[item.setting.name].fix | some item in weighed}

_exposed(workload) := bridge.through(workload.doors) if workload.exposure == "internet"

_exposed(workload) := "" if workload.exposure != "internet"
