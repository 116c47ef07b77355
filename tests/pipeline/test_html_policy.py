"""The Content Security Policy of each kind of page, word for word."""

from pipeline.html_policy import policy
from tests.pipeline.test_html import SITE


def rules(text: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (rule.split() for rule in text.split("; "))}


def test_a_lesson_loads_from_its_own_site_and_asks_the_api() -> None:
    assert policy(SITE) == (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' https://api.example.org; media-src 'self' blob:; connect-src 'self' https://api.example.org; "
        "frame-src 'none'; form-action 'self'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types lectern"
    )


def test_no_page_may_run_or_style_inline() -> None:
    for text in (policy(SITE), policy(SITE, account=True), policy(SITE, preview=True)):
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:"} & set(text.replace(";", "").split())


def test_only_the_providers_of_a_page_may_be_framed() -> None:
    assert rules(policy(SITE, embeds=frozenset({"youtube"})))["frame-src"] == ["https://www.youtube-nocookie.com"]
    both = rules(policy(SITE, embeds=frozenset({"vimeo", "youtube"})))["frame-src"]
    assert both == ["https://player.vimeo.com", "https://www.youtube-nocookie.com"]


def test_account_pages_may_send_forms_to_the_api_and_on_to_a_provider() -> None:
    account = rules(policy(SITE, account=True))
    assert account["form-action"] == [
        "'self'",
        "https://api.example.org",
        "https://accounts.google.com",
        "https://github.com",
    ]
    assert "blob:" in account["img-src"]
    assert rules(policy(SITE))["form-action"] == ["'self'"]


def test_a_preview_shows_what_is_published_and_asks_no_api() -> None:
    preview = rules(policy(SITE, preview=True))
    assert preview["connect-src"] == ["'self'", "https://learn.example.org"]
    assert "https://learn.example.org" in preview["media-src"]
