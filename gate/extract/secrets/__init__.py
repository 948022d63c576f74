"""Documents in, plaintext secrets out: what kind, where, and a fingerprint; never the value."""
