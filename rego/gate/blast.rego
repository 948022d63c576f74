# METADATA
# description: What each identity of the change reaches.
# schemas:
#   - input: schema.envelope
package gate.blast

identities := [summary |
	some id, identity in input.access.identities
	not identity.external
	summary := {
		"id": id,
		"kind": identity.kind,
		"platform": identity.platform,
		"blast_radius": {"admin": identity.all_access == "unconditional", "score": 0, "services": identity.services, "secrets": 0, "identities": 0, "accounts": 0},
	}
]
