"""A real SMTP server in a process of its own: ``python -m tests.bench.sink``. Writes its port, ends with its input."""

import sys

from aiosmtpd.controller import Controller

from eventhub import up


class Swallow:
    """Accepts everything and keeps nothing."""

    async def handle_DATA(self, _server, _session, _envelope) -> str:
        return "250 kept"


def main() -> None:
    controller = Controller(Swallow(), hostname="127.0.0.1", port=up.free_port())
    controller.start()
    sys.stdout.write(f"{controller.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    main()
