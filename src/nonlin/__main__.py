"""``python -m nonlin``."""

import sys

from nonlin.cli import main

sys.exit(main())
