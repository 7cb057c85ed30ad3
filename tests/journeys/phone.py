"""A volunteer's phone at a door: enrolled by the organiser's page, then it speaks the door's API."""

import json
import re
import urllib.request
import uuid
from datetime import UTC, datetime

from tests.journeys.visitor import Visitor
from tests.live import Live


class Phone:
    def __init__(self, live: Live, staff: Visitor, slug: str, checkpoint: str) -> None:
        self.live, self.checkpoint = live, checkpoint
        staff.open(f"/staff/m/{slug}/checkpoints/{checkpoint}")
        staff.send(staff.form(action="/enrol"))
        token = re.search(r"/(?:door/e|DOOR/E)/([0-9A-Z]{20,})", staff.text)[1]
        self.key = self._post("enrol", {"token": token, "name": "A phone"})["key"]

    def ask(self, code: str) -> dict:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        scan = {
            "id": str(uuid.uuid4()),
            "code": code,
            "checkpoint": self.checkpoint,
            "kind": "entry",
            "scanned_at": now,
        }
        return self._post("ask", {"device_time": now, "scan": scan})["result"]

    def _post(self, what: str, body: dict) -> dict:
        headers = {"Content-Type": "application/json"}
        if what != "enrol":
            headers["Authorization"] = f"Bearer {self.key}"
        address = f"{self.live.url}/api/v1/door/{what}"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=90) as answer:
            return json.load(answer)
