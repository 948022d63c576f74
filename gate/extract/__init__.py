"""Documents in, the access model out: facts, never judgements. One folder a platform; ``secrets`` and ``bridge``."""
