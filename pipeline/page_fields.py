"""A page's own content as plain JSON, and back: what is frozen of it, and how that is put into a revision again."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from taggit.models import Tag
from wagtail.models import Page

from content.models import Course, Lesson, Module

STREAMS = {"body", "outcomes"}
PLAIN: dict[type[Page], tuple[str, ...]] = {
    Course: ("summary", "description", "cover", "cover_alt", "level", "language", "hours", "price_label", "outcomes"),
    Module: ("summary", "held_back"),
    Lesson: ("summary", "minutes", "body", "held_back"),
}


def tag_names(contents: Iterable[dict[str, Any]]) -> dict[int, str]:
    """Every tag that these contents of pages name, by its id. One query, or none."""
    wanted = {item["tag"] for content in contents for item in content.get("topic_items", []) if item.get("tag")}
    return dict(Tag.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def frozen_fields(model: type[Page], content: dict[str, Any], tags: dict[int, str]) -> dict[str, Any]:
    """The fields of a page from a revision's content (or `serializable_data()`), in one normal form.

    StreamFields become raw lists, hours a decimal string with one place, a course's topics sorted names and its
    instructors and prerequisites lists of ids in order. `tags` is what `tag_names` answers.
    """
    fields: dict[str, Any] = {}
    for name in PLAIN[model]:
        value = content[name]
        if name in STREAMS:
            value = json.loads(value) if isinstance(value, str) else list(value or [])
        elif name == "hours":
            value = str(Decimal(value or 0).quantize(Decimal("0.1")))
        fields[name] = value
    if model is Course:
        fields["topics"] = sorted(tags[item["tag"]] for item in content.get("topic_items", []) if item["tag"] in tags)
        fields["instructors"] = [item["profile"] for item in _ordered(content.get("instructors", []))]
        fields["prerequisites"] = [item["required"] for item in _ordered(content.get("prerequisites", []))]
    return fields


def revision_content(page: Page, title: str, slug: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The content of a revision of `page` (its specific instance) that says what was frozen."""
    content: dict[str, Any] = page.serializable_data()
    content.update(title=title, draft_title=title, slug=slug)
    for name in PLAIN[type(page)]:
        content[name] = json.dumps(fields[name]) if name in STREAMS else fields[name]
    if isinstance(page, Course):
        content["topic_items"] = [
            {"pk": None, "content_object": page.pk, "tag": Tag.objects.get_or_create(name=name)[0].pk}
            for name in fields["topics"]
        ]
        content["instructors"] = _children(page, "profile", fields["instructors"])
        content["prerequisites"] = _children(page, "required", fields["prerequisites"])
    return content


def _ordered(children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(children, key=lambda child: child.get("sort_order") or 0)


def _children(page: Page, name: str, ids: list[int]) -> list[dict[str, Any]]:
    return [{"pk": None, "sort_order": place, "course": page.pk, name: pk} for place, pk in enumerate(ids)]
