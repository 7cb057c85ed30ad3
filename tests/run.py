"""Every test: ``python -m tests.run``. First on SQLite with all that does not depend on the database, then on PostgreSQL.

Each pass runs in as many processes as the machine has cores and shares its started servers.
"""

import os
import subprocess
import sys


def main() -> int:
    """Run both passes; the exit code is 0 when both passed."""
    cores = str(os.cpu_count() or 2)
    common = [sys.executable, "-m", "pytest", "-q", "-n", cores, "--dist", "loadscope", "-p", "no:cacheprovider"]
    extra = sys.argv[1:]
    worst = 0
    for database, chosen in (("sqlite", []), ("postgresql", ["-m", "not once"])):
        sys.stdout.write(f"\n=== {database} ===\n")
        sys.stdout.flush()
        done = subprocess.run([*common, *chosen, *extra], env={**os.environ, "DB": database}, check=False)
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
