"""A sender that a test kills: ``python -m tests.mail.victim``, with the settings in the environment.

A first line on its input forks a child that sends what is due, a second kills it; then its exit code is written: 0
when it was done before, -9 otherwise.
"""

import os
import signal
import sys

from eventhub.app import create_app
from eventhub.db import db
from eventhub.mail import sender


def main() -> None:
    app = create_app()
    with app.app_context():
        sender.run()  # so that no child has to load what sending needs
        db.engine.dispose()
        while sys.stdin.readline():
            pid = os.fork()
            if not pid:
                sender.run()
                os._exit(0)
            sys.stdin.readline()
            os.kill(pid, signal.SIGKILL)  # a child of ours that was not waited for: the number is still its own
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            sys.stdout.write(f"{code}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
