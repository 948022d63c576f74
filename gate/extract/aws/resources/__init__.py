"""Policies, permissions and arguments of resources in, resource grants out: whom a resource itself lets in."""
