"""``python -m edge`` is ``hushd``."""

import sys

from edge.cli import main

sys.exit(main())
