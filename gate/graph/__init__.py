"""The facts of one side in, what follows from them out: who can become whom, and what each gains by it.

The graph knows no platform: adapters say which rights open which step (``gate/model/openings.py``), rules weigh what
follows (``gate/model/graph.py``).
"""
