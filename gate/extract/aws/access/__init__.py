"""Identities, policies and resources in, effective access out: what is left after denies, boundaries and ceilings."""
