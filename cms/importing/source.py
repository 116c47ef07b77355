"""One Markdown file while it is read: what its blocks share, and where its links and pictures lead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cms.importing.commonmark import References
from cms.importing.findings import Findings
from cms.importing.folder import SCHEME, Folder
from cms.importing.uploads import Upload, Uploads, is_image
from pipeline.errors import AuthorError

Raw = dict[str, Any]
WEB = ("https://", "http://", "mailto:")


@dataclass(frozen=True)
class Leads:
    """What becomes of a link: another address, only its text (`address` is None), or a block that follows the text."""

    address: str | None
    block: Raw | None = None


@dataclass
class Source:
    """`lessons` are the slugs of the course's lesson files; `bases` are where relative paths are looked for."""

    folder: Folder
    path: Path
    bases: tuple[Path, ...]
    lessons: Mapping[Path, str]
    uploads: Uploads
    findings: Findings
    references: References = field(default_factory=dict)
    templates: bool = False  # whether {% … %} and {{ … }} are a generator's, not text
    attached: set[Path] = field(default_factory=set)
    anchors: list[tuple[int, str, str]] = field(default_factory=list)  # (line, lesson's slug or "", fragment)
    gone: dict[str, list[int]] = field(default_factory=dict)  # targets of links that are not lessons, and their lines
    tags: dict[str, list[int]] = field(default_factory=dict)  # HTML tags left out, and their lines

    @property
    def name(self) -> str:
        return self.folder.name(self.path)

    def error(self, line: int, sentence: str) -> None:
        self.findings.error(self.name, line, sentence)

    def warning(self, line: int, sentence: str) -> None:
        self.findings.warning(self.name, line, sentence)

    def short(self, text: str, most: int, what: str, line: int) -> str:
        """`text`, or an error if it does not fit into `most` characters."""
        if len(text) > most:
            self.error(line, f"{what} has {len(text)} characters, and at most {most} fit: shorten it.")
        return text[:most]

    def upload(self, kind: Any, address: str, line: int) -> Upload | None:
        """The upload of a file that is named here; None, and an error, if it cannot be one."""
        try:
            return self.uploads.named(kind, self.folder.named(address, self.bases))
        except AuthorError as error:
            self.error(line, str(error))
            return None

    def leads(self, href: str, label: str, line: int) -> Leads:
        """Where a link of this text leads on the published page."""
        if href.startswith(WEB):
            return Leads(href)
        if href.startswith("#"):
            self.anchors.append((line, "", href[1:]))
            return Leads(href)
        if not href:
            self.warning(
                line, f"The link “{label}” leads nowhere: only its text is kept. Write an address, or no link."
            )
            return Leads(None)
        if SCHEME.match(href) and not href.lower().startswith("file:"):
            self.warning(line, f"Links to “{href[:80]}” are not published: only the text “{label}” is kept.")
            return Leads(None)
        path, _, fragment = href.partition("#")
        slug = self._lesson(path)
        if slug is not None:
            if fragment:
                self.anchors.append((line, slug, fragment))
            return Leads(f"../{slug}/" + (f"#{fragment}" if fragment else ""))
        return self._file(path, href, label, line)

    def _lesson(self, address: str) -> str | None:
        """The slug of the lesson that a relative address names: as a file, or as an older generator's page."""
        plain = address.removesuffix("index.html").rstrip("/")
        for name in (plain, plain.removesuffix(".html") + ".md", plain + ".md"):
            try:
                path = self.folder.named(name, self.bases)
            except AuthorError:
                continue
            if path in self.lessons:
                return self.lessons[path]
        return None

    def _file(self, address: str, href: str, label: str, line: int) -> Leads:
        page = address.endswith((".md", ".html", "/")) or "." not in address.rpartition("/")[2]
        try:
            path = self.folder.named(address, self.bases)
        except AuthorError as error:
            if page and "leads out of" not in str(error):
                self.gone.setdefault(address, []).append(line)
            else:
                self.error(line, str(error))
            return Leads(None)
        if page:
            self.gone.setdefault(address, []).append(line)
            return Leads(None)
        if is_image(path):
            upload = self.upload("image", href, line)
            return Leads(None, image(line, upload, alt=label) if upload else None)
        upload = self.upload("attachment", href, line)
        if upload is None or path in self.attached:
            return Leads(None)
        self.attached.add(path)
        return Leads(None, attachment(line, upload))

    def say_what_was_left_out(self) -> None:
        """One warning for each target and tag, not one for each of its sixty places."""
        for target, lines in self.gone.items():
            self.warning(
                lines[0],
                f"{_links(lines)} to “{target}”, which is no lesson of this course: the text stays, without the link. "
                "Make it a lesson, or link to its address on the web.",
            )
        for tag, lines in self.tags.items():
            self.warning(
                lines[0],
                f"The HTML tag <{tag}> is not published ({_lines(lines)}): what stands in it is kept as text. "
                "Write it in Markdown.",
            )


def image(line: int, upload: Upload, *, alt: str, caption: str = "", decorative: bool = False) -> Raw:
    value = {"image": upload, "alt": alt, "decorative": decorative, "caption": caption}
    return {"type": "image", "value": value, "id": str(line)}


def attachment(line: int, upload: Upload, title: str = "") -> Raw:
    return {"type": "attachment", "value": {"attachment": upload, "title": title}, "id": str(line)}


def _links(lines: list[int]) -> str:
    return "A link leads" if len(lines) == 1 else f"{len(lines)} links ({_lines(lines)}) lead"


def _lines(lines: list[int]) -> str:
    shown = sorted(set(lines))
    listed = ", ".join(map(str, shown[:6])) + (" …" if len(shown) > 6 else "")
    return f"line {listed}" if len(shown) == 1 else f"lines {listed}"
