"""Trust policies and identity pools in, trust edges out: who may become which role."""
