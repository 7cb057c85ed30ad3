"""The API's whole documentation against the API itself: whatever fits it or does not, no answer is a 500, and each is
what the documentation says."""

import contextlib

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from eventhub.accounts import tokens
from eventhub.audit import SYSTEM
from eventhub.db import db
from eventhub.security import Role
from tests.accounts.staff import a_colleague
from tests.conftest import DB
from tests.factories.basics import a_meeting

EXAMPLES = 15  # of each operation and kind on this database, and as many others on the other


@pytest.fixture
def secret(app):
    a_meeting(slug="a-meeting")
    secret = tokens.make(a_colleague(Role.ADMINISTRATOR), name="schemathesis", days=1, by=SYSTEM)[1]
    db.session.commit()
    return secret


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_surprises(app, secret, mode):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for operation in schema.get_all_operations():

        @seed(DB)
        @given(case=operation.ok().as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        def try_it(case):
            case.call_and_validate(
                headers={"Authorization": f"Bearer {secret}"},
                # a rule may say no to what has the right shape, such as a name of control characters only
                excluded_checks=[positive_data_acceptance],
            )

        with contextlib.suppress(Unsatisfiable):  # a resource without arguments: nothing in it can be wrong
            try_it()
