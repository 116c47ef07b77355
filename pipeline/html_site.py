"""What every page of the student site must know: names, addresses, and the built scripts and styles."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from pipeline.errors import PipelineError


@dataclass(frozen=True)
class Asset:
    """A built file: its key in the store and its Subresource Integrity value."""

    key: str
    integrity: str


@dataclass(frozen=True)
class Site:
    """The facts of a site. `base` is the path below which it is served, without a slash at its end.

    `assets_base` is what stands before `assets/...` in addresses; a preview, served elsewhere, puts its own there
    with `dataclasses.replace`.
    """

    name: str
    site_url: str
    api_url: str
    base: str
    assets_base: str
    script: Asset
    modules: tuple[Asset, ...]
    early: Asset
    style: Asset
    icon: str
    fonts: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def origin(self) -> str:
        return origin(self.site_url)

    @property
    def api_origin(self) -> str:
        return origin(self.api_url)


def origin(url: str) -> str:
    """Scheme, host and port of a URL, as Content-Security-Policy names a source."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def built_folder() -> Path:
    """The folder of built files. Raises PipelineError if it has not been built."""
    folder = Path(settings.LECTERN_SITE_DIST)
    if not (folder / "manifest.json").is_file():
        raise PipelineError("The student site is not built: run make site.")
    return folder


def site() -> Site:
    """The site as settings and the built files describe it. Raises PipelineError if it has not been built."""
    manifest = json.loads((built_folder() / "manifest.json").read_text())
    base = urlsplit(settings.SITE_URL).path.rstrip("/")
    return Site(
        name=settings.SCHOOL_NAME,
        site_url=settings.SITE_URL.rstrip("/"),
        api_url=settings.API_URL.rstrip("/"),
        base=base,
        assets_base=base,
        script=Asset(**manifest["script"]),
        modules=tuple(Asset(**module) for module in manifest["modules"]),
        early=Asset(**manifest["early"]),
        style=Asset(**manifest["style"]),
        icon=manifest["icon"]["key"],
        fonts=tuple(manifest["fonts"]),
        files=tuple(manifest["files"]),
    )


def assets() -> dict[str, Path]:
    """Every built file by its key in the store, such as `assets/site-1A2B3C4D.css`."""
    folder = built_folder()
    return {key: folder / key for key in json.loads((folder / "manifest.json").read_text())["files"]}
