"""What a school stands on is looked at whole, and each fault comes with what to do about it."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from pipeline import doctor
from pipeline.doctor import Finding, examine
from pipeline.edge import Notes, the_edge
from pipeline.models import Invalidation
from pipeline.store.s3_place import Place
from tests.object_store import object_store
from tests.pipeline import course_factory as school
from tests.pipeline.distribution import HOST, Answers, distribution

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


def found(what: str) -> list[Finding]:
    return [finding for finding in examine() if finding.what == what]


def one(what: str) -> tuple[str, str]:
    (finding,) = found(what)
    return finding.verdict, finding.sentence


def told() -> str:
    out = StringIO()
    call_command("doctor", stdout=out)
    return out.getvalue()


def test_a_school_on_one_machine_will_do_and_nothing_of_it_is_left(root: Path) -> None:
    said = told()
    assert said.endswith("Everything will do.\n")
    looked_at = {line.split()[1].rstrip(":") for line in said.splitlines()[:-1]}
    assert looked_at == {"store", "edge", "clock", "folder", "database", "cache", "queue", "site", "ffmpeg"}
    assert Invalidation.objects.count() == 0
    assert school.files(root) == {}


def test_what_will_not_do_ends_with_a_count(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_SITE_DIST = tmp_path / "nowhere"
    with pytest.raises(CommandError, match="1 thing will not do"):
        told()
    assert one("site") == ("failed", "The student site is not built: run make site.")


def test_what_cannot_be_looked_at_has_failed_and_the_rest_is_looked_at(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.LECTERN_STORE = tmp_path / "file" / "cdn"
    verdicts = {finding.what: finding.verdict for finding in examine()}
    assert verdicts["store"] == "failed"
    assert verdicts["database"] == verdicts["ffmpeg"] == "ok"


# --- the store ------------------------------------------------------------------------------------------------


def bucket(settings: Settings, place: Place) -> None:
    settings.LECTERN_STORE = str(place)
    settings.S3_ENDPOINT_URL, settings.S3_REGION = place.endpoint, place.region
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = place.access_key, place.secret_key


def test_a_bucket_is_held_to_every_promise(settings: Settings) -> None:
    bucket(settings, object_store().place())
    findings = found("store")
    assert {finding.verdict for finding in findings} == {"ok"}
    assert len(findings) > 3
    assert one("clock") == ("ok", "this machine and the store agree about the time")


def test_a_bucket_with_a_wrong_secret_fails_in_words(settings: Settings) -> None:
    place = object_store().place()
    bucket(settings, Place(place.bucket, place.prefix, place.endpoint, place.region, place.access_key, "wrong"))
    failed = [finding for finding in found("store") if finding.verdict == "failed"]
    assert failed
    assert any("S3_SECRET_ACCESS_KEY" in finding.sentence for finding in failed)


@pytest.mark.parametrize(("seconds", "words"), [(-3600, "ahead of"), (3600, "behind")])
def test_a_clock_that_is_off_is_a_warning(monkeypatch: pytest.MonkeyPatch, seconds: int, words: str) -> None:
    """The store's own clock, an hour off."""
    off = datetime.now(UTC) + timedelta(seconds=seconds)
    monkeypatch.setattr(doctor, "the_store", lambda: SimpleNamespace(clock=lambda: off))
    (finding,) = doctor.clock()
    assert finding.verdict == "warning"
    assert words in finding.sentence and "NTP" in finding.sentence


# --- the edge -------------------------------------------------------------------------------------------------


def test_no_cdn_is_an_ordinary_answer() -> None:
    assert one("edge") == ("ok", "no CDN is configured, so nothing has to be forgotten")


def test_what_waits_for_a_cdn_that_is_not_named_any_more_is_told() -> None:
    Invalidation.objects.create(paths=["/"])
    verdict, sentence = one("edge")
    assert verdict == "warning"
    assert "CLOUDFRONT_DISTRIBUTION_ID" in sentence


def test_a_distribution_that_serves_the_site_will_do(settings: Settings) -> None:
    with distribution(settings) as cdn:
        assert one("edge") == ("ok", f"CloudFront distribution {cdn.name} serves {HOST}")
        settings.SITE_URL = f"https://{cdn.client.get_distribution(Id=cdn.name)['Distribution']['DomainName']}"
        assert one("edge")[0] == "ok", "its own name is one too"


def test_a_distribution_of_another_site_is_told(settings: Settings) -> None:
    with distribution(settings):
        settings.SITE_URL = "https://other.example"
        verdict, sentence = one("edge")
        assert verdict == "warning"
        assert "other.example" in sentence and HOST in sentence


def test_a_distribution_that_is_switched_off_will_not_do(settings: Settings) -> None:
    with distribution(settings, Enabled=False):
        verdict, sentence = one("edge")
        assert verdict == "failed"
        assert "enable it" in sentence


@pytest.mark.parametrize(
    ("code", "words"), [("NoSuchDistribution", "CLOUDFRONT_DISTRIBUTION_ID"), ("AccessDenied", "GetDistribution")]
)
def test_a_distribution_that_cannot_be_asked_will_not_do(settings: Settings, code: str, words: str) -> None:
    with distribution(settings) as cdn:
        cdn.on("GetDistribution", Answers(403, code))
        verdict, sentence = one("edge")
        assert verdict == "failed"
        assert words in sentence


def test_a_distribution_that_is_not_there_will_not_do(settings: Settings) -> None:
    with distribution(settings):
        settings.CLOUDFRONT_DISTRIBUTION_ID = "E00000000000"
        verdict, sentence = one("edge")
        assert verdict == "failed"
        assert "there is no such distribution" in sentence


def test_what_a_distribution_refuses_is_told(settings: Settings) -> None:
    with distribution(settings) as cdn:
        the_edge().tell(Notes(keys={"index.html"}))
        cdn.on("CreateInvalidation", Answers(400, "AccessDenied"))
        the_edge().send()
        well, waits = found("edge")
        assert (well.verdict, waits.verdict) == ("ok", "warning")
        assert waits.sentence.startswith("1 invalidations wait, tried 1 times.")
        assert "cloudfront:CreateInvalidation" in waits.sentence


# --- database, cache, folders ---------------------------------------------------------------------------------


def test_migrations_that_are_not_applied_are_told() -> None:
    MigrationRecorder.Migration.objects.filter(app="pipeline").latest("name").delete()
    assert one("database") == ("failed", "1 migrations are not applied: run manage.py migrate.")


def test_a_cache_without_its_table_is_told(settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "nobody_made_it"}
    }
    verdict, sentence = one("cache")
    assert verdict == "failed"
    assert "createcachetable" in sentence


@pytest.mark.parametrize(
    ("free", "verdict"), [(doctor.TOO_LITTLE - 1, "failed"), (doctor.LITTLE - 1, "warning"), (doctor.LITTLE, "ok")]
)
def test_a_disk_that_fills_is_told_before_it_is_full(monkeypatch: pytest.MonkeyPatch, free: int, verdict: str) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _place: SimpleNamespace(free=free))
    findings = found("folder")
    assert findings
    assert {finding.verdict for finding in findings} == {verdict}
    assert all(("make room" in finding.sentence) == (verdict != "ok") for finding in findings)


def test_an_ffmpeg_that_does_not_run_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho 'no libraries' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(broken))
    verdict, sentence = one("ffmpeg")
    assert verdict == "failed"
    assert "no libraries" in sentence
