"""What the door's tests share: a meeting that is on, a device at its entrance, a venue's server that can go away, and
phones in Chromium."""

import pytest

from tests.checkin.phones import phone as phone
from tests.checkin.phones import venue as venue
from tests.factories.checkin import Door, a_checkpoint, a_running_meeting


@pytest.fixture
def meeting(app):
    """It admits children."""
    return a_running_meeting(admits_children=True)


@pytest.fixture
def door(client, meeting):
    """A device at the main entrance."""
    return Door(client, a_checkpoint(meeting, "Main entrance"))
