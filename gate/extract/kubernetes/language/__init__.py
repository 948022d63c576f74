"""Values of manifests in, what they mean out: RBAC policy rules, label selectors, paths of a node."""
