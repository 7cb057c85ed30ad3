"""Journeys have a post office of their own: their EventHub runs on beside other tests, and writes letters."""

from collections.abc import Iterator

import pytest

from tests import stack


@pytest.fixture(scope="module")
def post_office() -> Iterator[stack.Sink]:
    """A real SMTP server for one module's journeys."""
    server = stack.Sink()
    yield server
    server.stop()
