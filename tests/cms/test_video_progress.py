"""The progress of encoding, failures in a sentence, and another try."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.models import User
from pipeline.models import Rendition

URL = "/admin/renditions/"


def rendition(name: str, state: str, **fields: Any) -> Rendition:
    original = name.encode().hex().ljust(64, "0")[:64]
    return Rendition.objects.create(
        **{"kind": "video", "original": original, "recipe": "r", "name": name, "state": state} | fields
    )


def test_progress_failures_and_what_is_done(as_ada: Client, ada: User) -> None:
    rendition("done.mp4", "ready", progress=100)
    rendition("storm.mp4", "working", progress=42)
    rendition("broken.mp4", "failed", error="broken.mp4 has no picture: upload it in another format.")
    page = as_ada.get(URL).content.decode()
    assert page.index("broken.mp4") < page.index("storm.mp4") < page.index("done.mp4")
    assert '<progress max="100" value="42" aria-label="Progress of storm.mp4">' in page
    assert "broken.mp4 has no picture: upload it in another format." in page


def test_the_part_that_refreshes_is_the_list_alone(as_ada: Client) -> None:
    rendition("storm.mp4", "working", progress=42)
    part = as_ada.get(URL + "?part=1").content.decode()
    assert "<html" not in part and 'data-unfinished="yes"' in part
    Rendition.objects.update(state="ready")
    assert 'data-unfinished="no"' in as_ada.get(URL + "?part=1").content.decode()


def test_an_editor_tries_again(as_edna: Client, as_ada: Client) -> None:
    broken = rendition("broken.mp4", "failed", error="It broke.", attempts=5)
    url = reverse("cms_rendition_retry", args=[broken.pk])
    assert url not in as_ada.get(URL).content.decode()
    as_ada.post(url)
    broken.refresh_from_db()
    assert broken.state == "failed"
    assert url in as_edna.get(URL).content.decode()
    as_edna.post(url)
    broken.refresh_from_db()
    assert (broken.state, broken.attempts, broken.error) == ("wanted", 0, "")


def test_what_has_not_failed_is_left_alone(as_edna: Client) -> None:
    working = rendition("storm.mp4", "working", progress=42)
    as_edna.post(reverse("cms_rendition_retry", args=[working.pk]))
    working.refresh_from_db()
    assert (working.state, working.progress) == ("working", 42)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_looks(client: Client, method: str) -> None:
    assert getattr(client, method)(URL).status_code in (302, 405)


def test_one_and_three_renditions_cost_the_same(as_edna: Client) -> None:
    def queries() -> int:
        as_edna.get(URL)
        with CaptureQueriesContext(connection) as captured:
            as_edna.get(URL)
        return len(captured)

    rendition("one.mp4", "failed")
    one = queries()
    rendition("two.mp4", "working")
    rendition("three.mp4", "ready")
    assert queries() == one
