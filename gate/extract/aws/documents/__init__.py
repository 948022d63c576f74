"""Resources that hold a policy in, the policy documents out: written, rendered, managed by AWS, or unknown."""
