# METADATA
# title: Side effect of applying the change
# description: |
#   Applying the change runs something or removes a limit, in addition to creating resources. Programs (provisioners,
#   the external data source) run with the credentials of whoever runs the apply, and no plan shows what they do: a
#   warning.
#   Functions that are invoked and commands on machines are a warning too, and are denied if they run as an
#   administrator. A schedule or state machine that calls a sensitive action weighs as much as the action. Opening or
#   removing a service or resource control policy gives back to every account below it what the policy denied.
# custom:
#   id: effect-of-apply
#   severity: medium
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI5", "NIST-800-53:CM-3", "NIST-800-53:AC-6"]
#   remediation: "Declare the effect as a resource that a plan shows, or have it reviewed and waive the finding."
# schemas:
#   - input: schema.envelope
package gate.rules.access.effect_of_apply

import data.gate.lib

findings contains finding if {
	some effect in input.access.effects
	effect.change != "none"
	finding := lib.finding(rego.metadata.chain(), {
		"identity": _identity(effect),
		"address": effect.source.address,
		"severity": _severity(effect),
		"message": sprintf("Applying %s %s%s.", [effect.source.address, _does(effect), _as(effect)]),
		"location": effect.source.location,
		"evidence": [{
			"address": effect.source.address, "statement": effect.source.statement, "location": effect.source.location,
			"action": effect.kind, "resource": effect.what,
		}],
		"facts": {sprintf("%s %s", [effect.kind, effect.what])},
	})
}

_identity(effect) := min(effect.runs_as) if count(effect.runs_as) > 0

_identity(effect) := null if count(effect.runs_as) == 0

_does(effect) := sprintf("runs a %s provisioner with the credentials of whoever runs the apply", [effect.what]) if {
	effect.kind == "provisioner"
}

_does(effect) := "runs a program with the credentials of whoever runs the apply" if effect.kind == "external-program"

_does(effect) := sprintf("invokes %s", [effect.what]) if effect.kind == "invocation"

_does(effect) := sprintf("runs %s on machines", [effect.what]) if effect.kind == "command"

_does(effect) := sprintf("sets up calls to %s", [effect.what]) if effect.kind == "api-call"

_does(effect) := sprintf("detaches %s, a policy of the organization that is not in the input", [effect.what]) if {
	effect.kind == "guardrail"
	count(effect.actions) == 0
}

_does(effect) := sprintf("removes a limit of the organization and allows %s again", [actions]) if {
	effect.kind == "guardrail"
	count(effect.actions) > 0
	actions := lib.listed({action | some action in effect.actions})
}

_as(effect) := sprintf(" as %s", [lib.listed({id | some id in effect.runs_as})]) if count(effect.runs_as) > 0

_as(effect) := "" if count(effect.runs_as) == 0

_severity(effect) := "high" if {
	effect.kind == "guardrail"
	count(effect.actions) > 0
} else := "high" if {
	some action in effect.actions
	action in data.gate.knowledge.aws.escalation.powerful
} else := "high" if {
	some id in effect.runs_as
	lib.administrator(id)
} else := "medium"
