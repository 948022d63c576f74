"""``python -m gate`` is the installed command ``gate``."""

from gate.cli import main

main()
