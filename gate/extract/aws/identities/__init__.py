"""Resources of IAM in, roles, users and groups out: with the policies attached to them and their credentials."""
