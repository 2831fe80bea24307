"""Entry point of `python -m collector` and of collector.pyz."""

import sys

from collector.cli import main

if __name__ == "__main__":
    sys.exit(main())
