"""Functions, tasks and instances in, workloads out: as whom code runs, and whether the internet reaches it."""
