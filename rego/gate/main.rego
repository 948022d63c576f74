# METADATA
# description: |
#   The decision. Every rule under data.gate.rules is found by its place in the tree, every organisation's policy under
#   data.organisation: there is no registry to edit.
#
#   input: {"access": access model after the change, "before": the model before it or null,
#   "config": gate.yaml with its defaults, "now": date as YYYY-MM-DD}
# schemas:
#   - input: schema.envelope
package gate

import data.gate.lib

# METADATA
# description: What the gate answers.
# entrypoint: true
decision := {
	"verdict": _verdict,
	"findings": _ordered,
	"summary": _summary,
	"identities": data.gate.blast.identities,
	"ran": _ran,
}

default _verdict := "allow"

_verdict := "deny" if _summary.deny > 0

_raw_findings := _own_findings | {finding |
	some category, rule
	found := data.gate.rules[category][rule].findings
	some finding in found
}

_own_findings := {finding |
	some policy
	found := data.organisation[policy].findings
	some finding in found
}

# What the side before the change already had, by rule and identity or address, and by each weight up to the finding's
# own: what is worse now was not there before.
_facts_before[[key, rank]] contains fact if {
	input.before != null
	some finding in _raw_before
	_well_formed(finding)
	key := _key(finding)
	some rank in numbers.range(0, _rank(finding.severity))
	some fact in finding.facts
}

# All at once: looked up one by one, each key would go through every finding again.
_before := {key: facts | some key, facts in _facts_before}

# A plan that changes nothing is judged once.
_raw_before := _raw_findings if input.before == input.access

else := findings if {
	fired := {[category, rule] | some category, rule; count(data.gate.rules[category][rule].findings) > 0}

	# The rules know one side only.
	# regal ignore:with-outside-test-context
	findings := _of(fired) with input.access as input.before
}

# Rules that find nothing now have nothing to be compared with.
_of(fired) := _own_findings | {finding |
	some [category, rule] in fired
	some finding in data.gate.rules[category][rule].findings
}

_key(finding) := [finding.rule, finding.identity] if finding.identity != null

_key(finding) := [finding.rule, finding.address] if finding.identity == null

_judged contains judged if {
	some finding in _raw_findings
	_well_formed(finding)
	object.get(_settings(finding), "enabled", true) == true
	change := _change(finding)
	fingerprint := _fingerprint(finding)
	waiver := _waiver(fingerprint)
	judged := object.union(object.union(object.remove(finding, ["facts", "holders"]), _attachment(finding)), {
		"message": _message(finding, fingerprint, waiver),
		"effect": _effect(finding),
		"change": change,
		"fingerprint": fingerprint,
		"waiver": waiver,
		"status": _status(change, waiver),
	})
}

# What is to be changed about a policy that stands outside of the change is its attachment; of several identities, each.
default _attachment(_) := {}

_attachment(finding) := {
	"address": sources[0].address, "location": sources[0].location,
	"remediation": sprintf("Attach, instead of %s, a policy of your own that allows only what the identity needs.", [
		finding.address,
	]),
	"evidence": array.concat(finding.evidence, [evidence |
		some source in array.slice(sources, 1, count(sources))
		evidence := {"address": source.address, "statement": null, "location": source.location}
	]),
} if {
	sources := [source |
		some holder in _about(finding)
		source := input.access.identities[holder].attached[finding.address]
	]
	count(sources) > 0
}

_about(finding) := [finding.identity] if finding.identity != null

_about(finding) := sort(object.get(finding, "holders", [])) if finding.identity == null

# A finding that breaks the contract (an organisation's, in practice) is handed on as it came, never dropped and never
# given an effect: gate/engine refuses an answer that holds one, so it ends in no decision.
_malformed := [finding | some finding in _raw_findings; not _well_formed(finding)]

_well_formed(finding) if {
	is_string(finding.rule)
	_text_or_null(finding.identity)
	is_string(finding.address)
	is_string(finding.message)
	finding.severity in lib.severities
	is_set(finding.facts)
	count(finding.facts) > 0
	every fact in finding.facts { is_string(fact) }
}

_text_or_null(value) if is_string(value)

_text_or_null(value) if is_null(value)

_fingerprint(finding) := substring(
	crypto.sha256(json.marshal([finding.rule, finding.identity, finding.address, sort(finding.facts)])),
	0, 16,
)

default _change(_) := "introduced"

_change(finding) := "preexisting" if {
	facts := _before[[_key(finding), _rank(finding.severity)]]
	count({fact | some fact in finding.facts} - facts) == 0
}

_settings(finding) := object.get(input.config.rules, finding.rule, {})

_effect(finding) := effect if {
	effect := _settings(finding).effect
	effect != null
} else := "deny" if {
	_rank(finding.severity) >= _rank(input.config.deny_from)
} else := "warn"

_rank(severity) := rank if {
	some rank, name in lib.severities
	name == severity
}

# An expired waiver is no waiver. Of several valid ones the one that lasts longest counts.
default _waiver(_) := null

_waiver(fingerprint) := waiver if {
	valid := sort([[candidate.expires, candidate] |
		some candidate in _waivers(fingerprint)
		candidate.expires >= input.now
	])
	waiver := valid[count(valid) - 1][1]
}

_waivers(fingerprint) := [candidate | some candidate in input.config.waivers; candidate.fingerprint == fingerprint]

# The message says when a waiver has run out, or its owner would not know why the change is denied today.
_message(finding, fingerprint, null) := sprintf("%s (Its waiver expired on %s.)", [finding.message, last]) if {
	last := max([candidate.expires | some candidate in _waivers(fingerprint)])
} else := finding.message

_message(finding, _, waiver) := finding.message if waiver != null

_status(_, waiver) := "waived" if waiver != null

_status("preexisting", null) := "preexisting" if input.config.scope == "changed"

_status("preexisting", null) := "active" if input.config.scope == "all"

_status("introduced", null) := "active"

# Worst first, then by rule and address, so that two runs print the same.
_ordered := array.concat(_malformed, [finding |
	some [_, _, _, _, finding] in sort([[0 - _rank(f.severity), f.rule, f.address, f.fingerprint, f] |
		some f in _judged
	])
])

_summary := {
	"deny": count([f | some f in _judged; f.status == "active"; f.effect == "deny"]),
	"warn": count([f | some f in _judged; f.status == "active"; f.effect == "warn"]),
	"waived": count([f | some f in _judged; f.status == "waived"]),
	"preexisting": count([f | some f in _judged; f.status == "preexisting"]),
	"identities": count(input.access.identities),
	"resources": input.access.reads,
}

# The rules that answered as the contract says; Python compares them with the files that were shipped. A finding without
# one of these fields would be judged by no rule above and vanish: its rule counts as one that did not run.
_ran := _ran_of_the_organisation | {concat(".", ["gate.rules", category, rule]) |
	some category, rule
	_sound(data.gate.rules[category][rule].findings)
}

_ran_of_the_organisation := {concat(".", ["organisation", policy]) |
	some policy
	_sound(data.organisation[policy].findings)
}

_sound(findings) if {
	is_set(findings)
	every finding in findings { _well_formed(finding) }
}
