"""Waiting for the thing itself."""

import time


def wait_until(true, patience: float = 60, every: float = 0.05):
    """Wait for a thing to become so, looking often; returns what it became. Fails after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < deadline, f"not so after {patience} seconds"
        time.sleep(every)  # looks again soon; the thing itself ends the wait
