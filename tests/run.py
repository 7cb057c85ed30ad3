"""Every test: ``python -m tests.run``. All of them on SQLite, and at the same time on PostgreSQL all that depends on the
database. Each line of the output says whose it is; what failed, how many passed and how long it took stands at each end.

Each pass runs in as many processes as the machine has cores and shares its started servers. Many tests wait (for a
broker's return, a browser, a process that starts): while one pass waits, the other works.
"""

import os
import subprocess
import sys
from threading import Thread

PASSES = {"sqlite": [], "postgresql": ["-m", "not once"]}


def main() -> int:
    """Run both passes; the exit code is 0 when both passed."""
    cores = str(os.cpu_count() or 2)
    common = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", cores]
    common += ["--dist", "loadscope", "--no-loadscope-reorder"]  # the order is ours: tests/order.py
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of some hundred processes compiles everything anew
    running = {
        database: subprocess.Popen(
            [*common, *chosen, *sys.argv[1:]],
            env={**environment, "DB": database},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for database, chosen in PASSES.items()
    }
    readers = [Thread(target=show, args=pass_) for pass_ in running.items()]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return max(process.wait() for process in running.values())


def show(database: str, process: subprocess.Popen[str]) -> None:
    """Hand on what a pass says, each line with its name."""
    for line in process.stdout or ():
        sys.stdout.write(f"{database:10} | {line}")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
