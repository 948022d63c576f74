"""Documents to the access model: facts, never judgements."""
