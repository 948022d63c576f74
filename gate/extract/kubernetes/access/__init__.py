"""Roles, bindings and objects in, out comes what each identity can do, and what nobody could analyse."""
