"""A venue whose server can go away, for the phones of these tests."""

from tests.checkin.phones import venue as venue
