# METADATA
# description: |
#   What the model derives from texts, told for tests by their first letters: enough to judge rules by, and no oracle
#   for the model, whose own tests are Python's. A test may say any of it itself.
package gate.lib.derived_test

condition(operator, key, values) := {
	"name": regex.replace(regex.replace(lower(key), `^[^/:]*\.[^:]*:`, ""), `/.*$`, "/"),
	"compares": trim_prefix(lower(operator), "foranyvalue:"),
	"named": [name | some value in values; some name in regex.find_n(`\b\d{12}\b|^o-[a-z]+`, value, 1)],
	"wild": [value | some value in values; regex.match(`[*?]`, value)],
	"covers": _covers(values),
}

_covers(values) := "whole account" if {
	some value in values
	regex.match(`:iam::[^:]*:(role/|user/)?\*$`, value)
} else := "some addresses" if {
	every value in values { not regex.match(`/[0-7]$`, value) }
} else := "values"

counting(parts) := {"counts": _counts(parts), "narrows": _narrows(parts)}

default _narrows(_) := false

_narrows(parts) if {
	_counts(parts)
	not regex.match(`^aws:(principal|source(ip|vpc|identity)|multifactor|federated|secure|via|called)`, parts.name)
}

default _counts(_) := false

_counts(parts) if {
	parts.compares in {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
	count(parts.values) > 0
	every value in parts.values { not _all(parts.compares, value) }
}

_all(compares, value) if {
	compares in {"stringlike", "arnlike"}
	regex.match(`^[*?]|^arn:[^:]*:[^:]*:[^:]*:(\*|:\*$)`, value)
}

default principal(_) := {}

principal(parts) := {"name": regex.replace(parts.value, `^(.*oidc-provider/)?(https://)?`, "")} if parts.kind == "oidc"

principal(parts) := {"name": regex.replace(parts.value, `\.[a-z]+-[a-z]+-\d\.`, ".")} if parts.kind == "service"

principal(parts) := {"name": regex.replace(parts.value, `^.*[ /]`, "")} if parts.kind == "origin_access"

principal(parts) := {"name": regex.replace(parts.value, `^.*data\.([a-z_]+)\..*$`, "$1")} if parts.kind == "canonical"

services(grant) := sort({lower(split(action, ":")[0]) | some action in grant.actions})

grant(parts) := {
	"managed": _managed(parts.source.address),
	"branch": count([resource | some resource in parts.resources; regex.match(`(^|[/:])\*$`, resource)]) > 0,
	"wildcards": [wildcard(text) | some text in parts.wildcards],
}

_managed(address) := regex.replace(address, `^arn:[^:]+:iam::aws:policy/`, "") if {
	startswith(address, "arn:aws:iam::aws:policy/")
} else := null

wildcard(text) := {
	"pattern": text,
	"service": lower(split(text, ":")[0]),
	"verb": regex.replace(text, `^[^:]*:((?:Batch)?[A-Z][a-z]*)?.*$`, "$1"),
	"whole": endswith(text, ":*"),
}

rule(parts) := {
	"scope": split(parts.resources[0], "/")[0],
	"named": count([resource | some resource in parts.resources; not endswith(resource, "*")]) > 0,
	"objects": count([action | some action in parts.actions; not contains(action, " url:")]) > 0,
	"reads": count([wildcard |
		some wildcard in parts.wildcards
		not regex.match(`^((get|list|watch),?)+ `, wildcard.pattern)
	]) == 0,
	"custom": count([wildcard | some wildcard in parts.wildcards; not _of_custom_group(wildcard.pattern)]) == 0,
	"logs": false,
	"every_group": count([wildcard | some wildcard in parts.wildcards; regex.match(` \*`, wildcard.pattern)]) > 0,
	"spelled_out": count([wildcard | some wildcard in parts.wildcards; regex.match(` .*\*`, wildcard.pattern)]) == 0,
}

_of_custom_group(pattern) if {
	group := regex.replace(pattern, `^[^ ]+ ([^/]*)/.*$`, "$1")
	contains(group, ".")
	not endswith(group, ".k8s.io")
}
