"""A school of thousands of lessons, made at once: rows as Wagtail would leave them, without its work on each page."""

import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from PIL import Image
from wagtail.models import Locale, Page, Revision

from content.models import Course, ImageOriginal, Lesson, Module, Video
from pipeline import renditions
from tests.bench import content
from tests.pipeline import course_factory, media_files

A_MODULE = 100  # lessons
AT_ONCE = 500  # rows


def picture() -> ImageOriginal:
    data = BytesIO()
    Image.linear_gradient("L").resize((1200, 675)).save(data, "PNG")
    made: ImageOriginal = ImageOriginal.objects.create(
        title="Figure", file=ContentFile(data.getvalue(), "figure.png"), width=1200, height=675
    )
    return made


def film() -> Video:
    with TemporaryDirectory() as folder:
        data = media_files.film(Path(folder) / "film.mp4").read_bytes()
    made: Video = Video.objects.create(title="Film", type="video", duration=1, file=ContentFile(data, "film.mp4"))
    return made


def make_renditions() -> None:
    """All that a worker's other task would make, now."""
    for row in renditions.due():
        renditions.make(row)


def course(title: str, lessons: int, image: ImageOriginal, video: Video) -> Course:
    """A course of `lessons` lessons in modules of `A_MODULE`, live in the editor; nobody has been told of it yet."""
    made = course_factory.make_course(title, modules=0)
    Course.objects.filter(pk=made.pk).update(live=True, has_unpublished_changes=False)
    made.refresh_from_db()
    modules = _pages(Module, made, (f"Module {number + 1}" for number in range(-(-lessons // A_MODULE))), made.slug)
    for number, module in enumerate(modules):
        first = number * A_MODULE
        below = range(first, min(first + A_MODULE, lessons))
        bodies = [content.lesson(place, page=made.pk, image=image.pk, video=video.pk) for place in below]
        _pages(Lesson, module, (f"Lesson {place + 1}" for place in below), made.slug, bodies)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server would have done by itself by the time a school is this large
    return Course.objects.get(pk=made.pk)


def _pages(
    model: Any, parent: Page, titles: Iterable[str], course_slug: str, bodies: list[list[dict[str, Any]]] | None = None
) -> list[Any]:
    """Live pages below `parent`, each with its revision. As many queries as it takes to write the rows."""
    ada, kind, now = course_factory.person("Ada"), ContentType.objects.get_for_model(model), timezone.now()
    locale = Locale.objects.get(language_code="en")
    pages = []
    for place, title in enumerate(titles):
        slug = title.lower().replace(" ", "-")
        facts = {"summary": f"What {title} says."} | (
            {"minutes": 7, "body": json.dumps(bodies[place])} if bodies else {}
        )
        pages.append(
            model(
                path=Page._get_path(parent.path, parent.depth + 1, place + 1),
                depth=parent.depth + 1,
                numchild=0,
                title=title,
                draft_title=title,
                slug=slug,
                url_path=f"{parent.url_path}{slug}/",
                content_type=kind,
                locale=locale,
                owner=ada,
                live=True,
                has_unpublished_changes=False,
                translation_key=uuid4(),
                first_published_at=now,
                last_published_at=now,
                latest_revision_created_at=now,
                **facts,
            )
        )
    _insert(model, pages)
    base = ContentType.objects.get_for_model(Page)
    revisions = Revision.objects.bulk_create(
        [
            Revision(
                content_type=kind,
                base_content_type=base,
                object_id=str(page.pk),
                content=page.serializable_data(),
                user=ada,
                created_at=now,
                object_str=page.title,
            )
            for page in pages
        ],
        batch_size=AT_ONCE,
    )
    for page, revision in zip(pages, revisions, strict=True):
        page.page_ptr.latest_revision = page.page_ptr.live_revision = revision
    Page.objects.bulk_update([page.page_ptr for page in pages], ["latest_revision", "live_revision"], AT_ONCE)
    Page.objects.filter(pk=parent.pk).update(numchild=len(pages))
    return pages


def _insert(model: Any, pages: list[Any]) -> None:
    """Rows of both tables of a multi-table model, which Django's own bulk_create refuses."""
    base = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    rows = [Page(**{name: getattr(page, name) for name in base}) for page in pages]
    for page, row in zip(pages, Page.objects.bulk_create(rows, batch_size=AT_ONCE), strict=True):
        page.page_ptr, page.pk, page.id = row, row.pk, row.pk
    own = list(model._meta.local_concrete_fields)
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(field.column) for field in own)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(own))})",  # noqa: S608  # names of our models
            [[field.get_db_prep_save(getattr(page, field.attname), connection) for field in own] for page in pages],
        )
