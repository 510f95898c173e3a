"""`python -m modaverse` is the command `modaverse`."""

from __future__ import annotations

import sys

from modaverse.cli import main

if __name__ == "__main__":
    sys.exit(main())
