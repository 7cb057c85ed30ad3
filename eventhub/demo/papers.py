"""The papers of the demo's last edition: what stood over its sheets, and who signed them, typed in on each evening."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub.checkin import gather
from eventhub.demo.editions import SECRETARIAT, Edition, on
from eventhub.documents import queries_sheets, service_paper, service_sheets

PROJECT = "Rivers and Children, project 27-114 of the Fund for Fair Futures (invented)"


def fill(edition: Edition) -> None:
    """Most of those who came signed; who did not is what the page of the sheet shows."""
    meeting, zone = edition.meeting, ZoneInfo(edition.meeting.tz)
    service_sheets.set_head(meeting, project_line=PROJECT, by=SECRETARIAT)
    for number, day in enumerate(meeting.days):
        sheet = queries_sheets.get_sheet(meeting, day.day.isoformat())
        opening = datetime.combine(day.day, time(8, 40), zone)
        signed = {
            row.key: opening + timedelta(minutes=n // 6)
            for n, row in enumerate(queries_sheets.came(sheet).named)
            if gather.id_of(row.key) is not None and (n + number) % 11
        }
        with on(day.day, meeting.tz, 19):
            service_paper.enter(sheet, signed=signed, door=None, by=SECRETARIAT)
