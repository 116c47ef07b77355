"""The editor's rich text as HTML for readers: links to pages and files resolved, everything else sanitised."""

from collections.abc import Callable

from lxml import html as lxml_html

from pipeline import sanitise
from pipeline.references import LINKS, Reference

SEMANTIC = {"b": "strong", "i": "em"}
NOT_XML = {code: None for code in range(32) if chr(code) not in "\t\n\r"}  # control characters that XML 1.0 forbids


def prose(value: str, address: Callable[[Reference], str | None]) -> str:
    """Sanitised HTML of what Wagtail keeps (`<a linktype="page" id="3">`).

    `address` answers where a page or an attachment opens, or None if it is gone: then the link's text stays.
    """
    if not value.strip():
        return ""
    root = lxml_html.fragment_fromstring(value.translate(NOT_XML), create_parent="div")
    for element in list(root.iter("a")):
        kind, number = LINKS.get(element.get("linktype") or ""), element.get("id") or ""
        if not kind:
            continue
        target = address(Reference(kind, int(number))) if number.isdecimal() else None
        if target:
            element.set("href", target)
        else:
            element.drop_tag()
    for element in root.iter(*SEMANTIC):
        element.tag = SEMANTIC[element.tag]
    inside = lxml_html.tostring(root, encoding="unicode")
    return sanitise.prose(inside.removeprefix("<div>").removesuffix("</div>"))
