"""What the door's tests share: a venue's server that can go away, and phones in Chromium."""

from tests.checkin.phones import phone as phone
from tests.checkin.phones import venue as venue
