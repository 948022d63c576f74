# METADATA
# title: Pod with powerful permissions
# description: |
#   The pod holds the token of a service account from which the cluster can be taken over. Whoever gets into the pod,
#   or can run commands in it, acts as that account. If the pod is reachable from the internet, any sensitive
#   permission of its token is a warning. A pod that mounts no token has no identity in the cluster.
# custom:
#   id: powerful-pod
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.6"]
#   remediation: >-
#     Name a service account in serviceAccountName that has only the permissions that this workload needs, or set
#     automountServiceAccountToken: false.
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.powerful_pod

import data.gate.lib
import data.gate.lib.bridge
import data.gate.lib.rights

findings contains finding if {
	some id, workload in input.access.workloads
	workload.platform == "kubernetes"
	workload.token == true
	some account in workload.runs_as
	input.access.identities[account].kind == "service_account"
	power := _power(account, workload.exposure)
	finding := lib.finding(rego.metadata.chain(), {
		"identity": account,
		"address": id,
		"severity": power.severity,
		"message": sprintf("%s holds the token of %s, which %s%s.", [id, account, power.why, _reached(workload)]),
		"location": workload.source.location,
		"evidence": array.concat(
			[{
				"address": id, "statement": "serviceAccountName", "location": workload.source.location,
				"action": "runs as", "resource": account,
			}],
			[lib.evidence(grant, concat("; ", grant.actions)) | some key in power.keys; grant := input.access.grants[key]],
		),
		"path": array.concat(
			[{"from": door, "via": "traffic from the internet", "actions": [], "to": id} | door := workload.doors[0]],
			[{"from": id, "via": "its mounted token", "actions": [], "to": account}],
		),
		"facts": {sprintf("%s holds the token of one that %s", [id, power.why])},
	})
}

_power(account, exposure) := {
	"severity": "high",
	"why": "is an administrator of the cluster",
	"keys": sort(input.access.identities[account].grants["*"]),
} if {
	lib.administrator(account)
} else := {"severity": "high", "why": sprintf("can %s", [ways[0].path.gains]), "keys": sort(ways[0].keys)} if {
	ways := [way | some way in rights.ways(account); way.severity in {"critical", "high"}]
	count(ways) > 0
} else := {
	"severity": "medium",
	"why": sprintf("holds sensitive rights in the cluster (%s)", [lib.listed(object.keys(grants))]),
	"keys": [],
} if {
	grants := input.access.identities[account].grants
	count(grants) > 0
	exposure == "internet"
}

_reached(workload) := bridge.through(workload.doors) if workload.exposure == "internet"

_reached(workload) := "" if workload.exposure != "internet"
