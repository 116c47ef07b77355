"""The Content Security Policy of each page, carried by a `<meta>` because a dumb host sets no headers.

What a meta cannot carry (`frame-ancestors`, `report-to`) belongs to the host: see `pipeline/site/README.md`.
"""

from pipeline.html_site import Site, origin

EMBED_ORIGINS = {"youtube": "https://www.youtube-nocookie.com", "vimeo": "https://player.vimeo.com"}
# Chromium holds redirects that follow a form to `form-action` too, so the doors of the providers stand in it.
PROVIDER_ORIGINS = ("https://accounts.google.com", "https://github.com")


def policy(site: Site, *, embeds: frozenset[str] = frozenset(), account: bool = False, preview: bool = False) -> str:
    """The policy of one page: `embeds` may load on a click, `account` lets it sign in elsewhere."""
    api = site.api_origin
    # A preview is served by the editor's process and may show files that the site has already published.
    published = (origin(site.site_url),) if preview else ()
    rules: dict[str, tuple[str, ...]] = {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "font-src": ("'self'",),
        "img-src": ("'self'", api, *published, *(("blob:",) if account else ())),
        "media-src": ("'self'", "blob:", *published),  # blob: is how Media Source Extensions feed a video
        "connect-src": ("'self'", *published) if preview else ("'self'", api),
        "frame-src": tuple(EMBED_ORIGINS[name] for name in sorted(embeds)) or ("'none'",),
        "form-action": ("'self'", api, *PROVIDER_ORIGINS) if account else ("'self'",),
        "base-uri": ("'none'",),
        "require-trusted-types-for": ("'script'",),
        "trusted-types": ("lectern",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())
