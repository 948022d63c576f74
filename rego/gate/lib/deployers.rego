# METADATA
# description: |
#   Controllers that apply whatever somebody writes, with their own rights: who may write such objects becomes the controller,
#   where it stands in view and is an administrator.
# schemas:
#   - input: schema.envelope
package gate.lib.deployers

import data.gate.lib

# weighed: the ways of an identity, worst first, those to have a controller apply something with the controllers that are
# administrators.
weighed(id, ways) := [item[2] |
	some item in sort([[0 - _rank(led.severity), i, led] |
		some i, way in ways
		led := _led(way, _controllers(id, way))
	])
]

_rank(severity) := rank if {
	some rank, name in lib.severities
	name == severity
}

_path := "write-deployments-of-a-controller"

_led(way, []) := way

_led(way, controllers) := object.union(way, {
	"severity": "critical",
	"proven": true,
	"stronger": [{"id": controller, "severity": "critical", "by": "itself", "then": []} | some controller in controllers],
}) if {
	count(controllers) > 0
}

_controllers(id, way) := sort({controller |
	way.path.id == _path
	some group in {split(split(action, " ")[1], "/")[0] | some action in way.actions}
	some pattern in data.gate.knowledge.kubernetes.deployers[group]
	some controller, name in _administrators
	controller != id
	not _acts_for_tenants(controller)
	glob.match(pattern, [], name)
})

# Each of its workloads applies what names no account as an account of the tenant's namespace.
_acts_for_tenants(controller) if {
	workloads := [workload | some workload in input.access.workloads; controller in workload.runs_as]
	count(workloads) > 0
	every workload in workloads {
		"controller-default-account" in {setting.name | some setting in workload.settings}
	}
}

_administrators := {id: identity.name |
	some id, identity in input.access.identities
	identity.kind == "service_account"
	lib.administrator(id)
}
