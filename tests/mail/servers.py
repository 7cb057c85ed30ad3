"""Mail servers with a mind of their own: real ones, that answer as a test says."""

from tests.stack import Sink


class MoodySink(Sink):
    """Answers by the recipient: ``answers["RCPT"]["a@b.example"] = "550 unknown"``, and so on for DATA.

    "drop" breaks the connection instead; "keep and drop" accepts the letter first. ``once`` takes an answer back after
    its first use.
    """

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, str]] = {"RCPT": {}, "DATA": {}}
        self.once = False
        self.connections = 0
        self.utf8 = True  # offers SMTPUTF8
        super().__init__()

    def _mood(self, stage: str, address: str) -> str | None:
        moods = self.answers[stage]
        return moods.pop(address, None) if self.once else moods.get(address)

    async def handle_EHLO(self, server, session, _envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return [line for line in responses if self.utf8 or "SMTPUTF8" not in line]

    async def handle_RCPT(self, server, _session, envelope, address, _options) -> str:
        mood = self._mood("RCPT", address)
        if mood == "drop":
            server.transport.abort()
        if mood is not None:
            return mood
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        mood = self._mood("DATA", envelope.rcpt_tos[0])
        if mood is None or mood == "keep and drop":
            await super().handle_DATA(server, session, envelope)
        if mood in ("drop", "keep and drop"):
            server.transport.abort()
        return mood or "250 kept"
