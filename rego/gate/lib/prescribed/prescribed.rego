# METADATA
# description: |
#   What AWS itself prescribes for the role of a service: its own policy, on a role that nobody but that service
#   assumes. What such a role could do to others that nobody sees is no reason to deny; what it can do to others in view
#   is.
# schemas:
#   - input: schema.envelope
package gate.lib.prescribed

# entirely: whether all these grants are prescribed for every service that may assume the role, and nobody else may.
entirely(id, keys) if {
	count(keys) > 0
	every key in keys {
		prescribed := data.gate.knowledge.aws.services.prescribed[input.access.grants[key].managed]
		count(_services[id] - {service | some service in prescribed}) == 0
	}
}

# role → the services that assume it, of roles that only services assume; EKS Pod Identity does so for service accounts,
# too
_services[id] := services if {
	some id, edges in input.access.trust
	services := {edge.principal.value | some edge in edges; edge.principal.kind == "service"}
	count(services) > 0
	every edge in edges {
		edge.principal.kind in {"service", "service_account"}
	}
}
