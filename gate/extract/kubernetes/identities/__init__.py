"""RBAC objects in, service accounts, users and groups out: with the roles that are bound to them."""
