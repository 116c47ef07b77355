"""What both processes share holds under load and under failure: the cache keeps limits, mails undo nothing."""

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import transaction

from settings import base

ROOM = 100_000  # entries; more people than one school has at a time


class Broken(BaseEmailBackend):
    """A mail host whose password has expired."""

    def send_messages(self, _messages: Any) -> int:
        raise smtplib.SMTPAuthenticationError(535, b"expired")


def write() -> int:
    return mail.send_mail("Subject", "Body", None, ["sam@example.org"])


@pytest.fixture
def after_commit(settings: Any) -> None:
    settings.EMAIL_BACKEND = base.EMAIL_BACKEND


@pytest.mark.django_db
def test_the_cache_of_a_small_school_holds_more_than_a_few_hundred_counters(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
    assert lost_after(400)
    settings.CACHES = {"default": base.CACHES["default"]}
    assert not lost_after(400)
    assert base.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= ROOM


def lost_after(others: int) -> bool:
    """Whether a counter is gone once that many others were written."""
    call_command("createcachetable", verbosity=0)
    cache = caches["default"]
    cache.clear()
    cache.set("a-counter", 5)
    for number in range(others):
        cache.set(f"b{number}", 1)
    return cache.get("a-counter") is None


@pytest.mark.django_db
def test_a_mail_leaves_after_the_act_and_not_if_it_is_undone(
    after_commit: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write()
        assert mail.outbox == []
        with pytest.raises(RuntimeError), transaction.atomic():
            write()
            raise RuntimeError("undone")
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_mail_host_that_refuses_is_logged_and_undoes_nothing(
    after_commit: None, settings: Any, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MAIL_BACKEND = f"{__name__}.Broken"
    with django_capture_on_commit_callbacks(execute=True):
        assert write() == 1
    assert "expired" in caplog.text


def test_the_site_may_live_below_a_path() -> None:
    assert base.origin("https://school.example/courses/of/ours") == "https://school.example"
