# METADATA
# title: Admission guard weakened
# description: |
#   The change weakens a component that judges changes of the cluster. For this gate's own objects that is denied: an
#   exempted namespace, a webhook that is emptied, narrowed, redirected or ignored on failure, a workload that stops
#   or runs something else, settings that deny nothing, the policy that protects exemptions, and the removal of any of
#   them. For other guards (validating webhooks and policies, policy engines, Pod Security) it is a warning.
# custom:
#   id: loose-guard
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI6", "NIST-800-53:CM-5", "NIST-800-53:AC-3"]
#   remediation: "Leave the guard as it is, or have an administrator change it by hand and waive the finding."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.loose_guard

import data.gate.lib

findings contains finding if {
	some loose in input.access.loose_guards
	loose.change != "none"
	said := data.gate.knowledge.kubernetes.guards[loose.flaw]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": null,
		"address": loose.source.address,
		"severity": _severity(said, loose.guard),
		"message": sprintf("%s weakens %s: it %s.", [
			loose.source.address, _guard(loose.guard), sprintf(said.says, [loose.what]),
		]),
		"remediation": said.fix,
		"location": loose.source.location,
		"evidence": [{
			"address": loose.source.address, "statement": loose.source.statement, "location": loose.source.location,
			"action": loose.flaw, "resource": loose.what,
		}],
		"facts": {sprintf("%s %s: %s", [loose.guard, loose.flaw, loose.what])},
	})
}

_severity(said, "gate") := said.severity.gate

_severity(said, guard) := said.severity.others if guard != "gate"

_guard("gate") := "this gate"

_guard(other) := sprintf("a guard of the cluster (%s)", [other]) if other != "gate"
