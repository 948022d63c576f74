# METADATA
# description: |
#   What trust policies say when they are read together with what else is in view. Each is a whole table: a look-up in a
#   partial rule would go through all of it.
# schemas:
#   - input: schema.envelope
package gate.lib.trusts

# unusual: role → the statements of its trust policy that a rule may have to say something about: all but those that let
# in a role of this change and its account by `sts:AssumeRole` alone.
unusual := {id: left |
	some id, edges in input.access.trust
	left := {edge | some edge in edges; not edge.ordinary}
	count(left) > 0
}

# many_actions: action patterns of trust policies that stand for tagging the session, too.
many_actions := {action |
	some edges in unusual
	some edge in edges
	some action in edge.tagging
}

# audiences: provider → the audiences it takes tokens for, where there are several.
audiences := {value: several |
	some value in {provider.value |
		some provider in input.access.providers
		count(provider.audiences) > 1
		provider.value != null
	}
	several := {audience |
		some provider in input.access.providers
		provider.value == value
		some audience in provider.audiences
	}
}

# for_pods: roles for EKS Pod Identity.
for_pods := {id |
	some id, edges in unusual
	some edge in edges
	edge.principal.value == "pods.eks.amazonaws.com"
}

# crowds: role → the services that run code as it, where there are several.
crowds := {id: services |
	some id, edges in input.access.trust
	count(edges) > 1
	services := {edge.principal.value |
		some edge in edges
		edge.principal.value in data.gate.knowledge.aws.compute_services
	}
	count(services) > 1
}

# decided_by_tags: identities of whose access the tags of the session decide.
decided_by_tags := {id |
	some id, identity in input.access.identities
	identity.by_tags
}
