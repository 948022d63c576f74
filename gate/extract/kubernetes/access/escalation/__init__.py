"""RBAC grants in, ways out: what rights add up to, and whom they lead to."""
