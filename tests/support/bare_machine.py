"""Runs a command on a bare Debian 12, in a copy of this checkout, by hand and as root; what it prints is seen here.

.venv/bin/python -m tests.support.bare_machine scripts/test
.venv/bin/python -m tests.support.bare_machine bash
"""

import subprocess
import sys

from tests.support.debian import ENVIRONMENT, booted

if __name__ == "__main__":
    with booted() as machine:
        inside = ["sh", "-c", 'cd /root/hushd && exec "$@"', "sh", *sys.argv[1:]]
        sys.exit(subprocess.run([*machine.enter, *inside], env=ENVIRONMENT, check=False).returncode)
