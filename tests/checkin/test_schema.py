"""The door's API against its documentation, with a device's key: whatever is sent, no answer is a 500 or a surprise."""

import contextlib

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from eventhub.checkin import limits
from tests.conftest import DB
from tests.factories.checkin import Door, a_checkpoint, a_participant, a_running_meeting

EXAMPLES = 20  # of each operation and kind on this database, and as many others on the other


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", ["ask", "enrol", "pin", "key", "presence", "roster", "scans"])
def test_no_answer_surprises_a_device(app, client, path, mode):
    meeting = a_running_meeting()
    door = Door(client, a_checkpoint(meeting))
    a_participant(meeting)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    [found] = schema.include(path=f"/api/v1/door/{path}").get_all_operations()
    # which of code, person and walk_in a scan needs depends on its kind: no schema of one object says so; and a batch
    # is taken whatever one of its scans is like; a query like "?=1" has no field, so no wrong one
    excluded = [positive_data_acceptance, *([negative_data_rejection] if path in ("scans", "roster") else [])]
    headers = {"Authorization": f"Bearer {door.key}", "Accept-Encoding": "identity"}

    @seed(DB)
    @given(case=found.ok().as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    def try_it(case):
        limits.forget()
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    with contextlib.suppress(Unsatisfiable):  # an operation without arguments: nothing in it can be wrong
        try_it()
