# METADATA
# title: Default service account used
# description: |
#   Every pod that does not name a service account runs as the default one of its namespace. A permission bound to it
#   applies to all of these pods, including those deployed later; one bound to a group of all service accounts applies
#   to every pod. A workload that runs as it with a token mounted is a warning: it has an identity that was not chosen
#   for it.
# custom:
#   id: default-service-account
#   severity: high
#   confidence: proven
#   frameworks: ["OWASP-NHI:NHI9", "NIST-800-53:AC-6", "CIS-KUBERNETES:5.1.5"]
#   remediation: "Create a service account for the workload, bind the role to it, and name it in serviceAccountName."
# schemas:
#   - input: schema.envelope
package gate.rules.kubernetes.default_service_account

import data.gate.lib
import data.gate.lib.kubernetes

findings contains finding if {
	some id, held in _held
	identity := input.access.identities[id]
	keys := kubernetes.own(identity, sort(held))
	count(keys) > 0
	grants := [grant | some key in keys; grant := input.access.grants[key]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grants[0].source.address,
		"message": sprintf("Every pod in namespace %s that does not name a service account can %s, through %s.", [
			identity.namespace, kubernetes.rights(grants), kubernetes.through(grants),
		]),
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grant, concat("; ", grant.actions)) | some grant in grants],
		"facts": {sprintf("%s in %s through %s", [action, kubernetes.place(kubernetes.reach(grant)), grant.source.address]) |
			some grant in grants
			some action in grant.actions
		},
	})
}

findings contains finding if {
	some id, identity in input.access.identities
	not lib.administrator(id)
	who := _everyone(id)
	keys := sort([key | some key, grant in input.access.grants; id in grant.holders; grant.rule.objects])
	count(keys) > 0
	grants := [grant | some key in keys; grant := input.access.grants[key]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": id,
		"address": grants[0].source.address,
		"severity": _weight(identity, keys),
		"message": sprintf("%s can %s%s, through %s.", [
			who, kubernetes.rights(grants), _limit(grants), kubernetes.through(grants),
		]),
		"remediation": "Bind the role to the service accounts that need it, instead of the group of all service accounts.",
		"location": grants[0].source.location,
		"evidence": [lib.evidence(grant, concat("; ", grant.actions)) | some grant in grants],
		"facts": {sprintf("%s in %s through %s", [action, kubernetes.place(kubernetes.reach(grant)), grant.source.address]) |
			some grant in grants
			some action in grant.actions
		},
	})
}

findings contains finding if {
	some account, workloads in _running
	names := sort(workloads)
	first := input.access.workloads[names[0]]
	finding := lib.finding(rego.metadata.chain(), {
		"identity": account,
		"address": names[0],
		"severity": "low",
		"message": sprintf("%s as the default service account of namespace %s, with its token mounted.", [
			_run(names), first.namespace,
		]),
		"remediation": "Name a service account of its own in serviceAccountName, or set automountServiceAccountToken: false.",
		"location": first.source.location,
		"evidence": [{
			"address": name,
			"statement": "serviceAccountName is default or not set",
			"action": "runs as",
			"resource": account,
			"location": input.access.workloads[name].source.location,
		} |
			some name in names
		],
		"facts": {sprintf("%s runs as it", [name]) | some name in names},
	})
}

_held[holder] contains key if {
	some key, grant in input.access.grants
	grant.platform == "kubernetes"
	some holder in grant.holders
	_default(input.access.identities[holder])
}

_default(identity) if {
	identity.kind == "service_account"
	identity.name == "default"
}

_everyone(id) := data.gate.knowledge.kubernetes.everyone[id]

_everyone(id) := sprintf("Every pod in namespace %s", [group.namespace]) if {
	group := input.access.identities[id]
	group.family == "k8s:Group//system:serviceaccounts"
	group.namespace != null
}

# A right that gives nothing sensitive away is worth a warning.
default _weight(_, _) := "medium"

_weight(identity, keys) := "high" if {
	some held in identity.grants
	some key in held
	key in keys
	not kubernetes.named(input.access.grants[key])
}

# Reading one object by its name, as every cluster lets everybody read kube-public/cluster-info.
_weight(identity, keys) := "low" if {
	every key in keys {
		kubernetes.named(input.access.grants[key])
		input.access.grants[key].rule.reads
	}
	every held in identity.grants {
		every key in held {
			not key in keys
		}
	}
}

_limit(grants) := ", as far as resourceNames allow" if {
	every grant in grants {
		kubernetes.named(grant)
	}
} else := ""

_running[account] contains id if {
	some id, workload in input.access.workloads
	workload.platform == "kubernetes"
	workload.token == true
	some account in workload.runs_as
	_default(input.access.identities[account])
}

_run(names) := sprintf("%s runs", [names[0]]) if count(names) == 1

_run(names) := sprintf("%s run", [lib.listed(names)]) if count(names) > 1
