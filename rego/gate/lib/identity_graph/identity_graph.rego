# METADATA
# description: What the identity graph of the model says, as sets that rules look up.
# schemas:
#   - input: schema.envelope
package gate.lib.identity_graph

# administrators: identities that hold every action, or that can give themselves as much.
administrators := {id | some id in input.access.graph.administrators}

# becomes: the administrators that an identity can become.
becomes(id) := {one | some one in input.access.graph.becomes[id]}

# entered: the identities that let this one in by name.
entered(id) := {one | some one in input.access.graph.entries[id]}

# steps: names of what an identity of Kubernetes can do next: places, and identities.
steps(id) := {step | some step in input.access.graph.steps[id]} | entered(id)

# led: whom a way leads to.
led(way) := {id | some id in input.access.graph.leads[way.leads]}
