"""A sender that a test kills: ``python -m tests.mail.victim``, with the settings in the environment.

Each line on its input forks a child that sends what is due; its process id is written. When the child has ended, by
itself or by a signal, its exit code is written.
"""

import os
import sys

from eventhub.app import create_app
from eventhub.db import db
from eventhub.mail import sender


def main() -> None:
    app = create_app()
    with app.app_context():
        sender.run()  # so that no child has to load what sending needs
        db.engine.dispose()
        for _line in sys.stdin:
            pid = os.fork()
            if not pid:
                sender.run()
                os._exit(0)
            say(pid)
            say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
