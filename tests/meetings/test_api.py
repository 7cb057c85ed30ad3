"""The API's public facts of meetings, and how the API says no."""

import pytest

from eventhub.meetings.states import MeetingState
from tests.factories.basics import a_meeting


def test_programs_read_the_public_meetings(client):
    hidden, meeting = a_meeting(MeetingState.PLANNED), a_meeting(edition_no=None)
    answer = client.get("/api/v1/meetings")
    assert [item["slug"] for item in answer.json["items"]] == [meeting.slug]
    one = client.get(f"/api/v1/meetings/{meeting.slug}").json
    assert one == answer.json["items"][0]
    assert (one["edition_no"], one["registration"], one["url"]) == (None, "open", f"http://localhost/m/{meeting.slug}")
    assert client.get(f"/api/v1/meetings/{hidden.slug}").status_code == 404


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/meetings/none-such", 404),
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/meetings", 405),
    ],
)
def test_the_api_says_no_in_the_standard_s_way(client, method, address, status):
    answer = client.open(address, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (answer.json["type"], answer.json["status"]) == ("about:blank", status)
    assert len(answer.json["detail"]) > 20
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_the_documentation_names_the_resources_and_the_problems(client):
    paths = client.get("/api/v1/openapi.json").json
    assert {"/api/v1/meetings", "/api/v1/meetings/{slug}"} <= set(paths["paths"])
    assert list(paths["components"]["responses"]["DEFAULT_ERROR"]["content"]) == ["application/problem+json"]
