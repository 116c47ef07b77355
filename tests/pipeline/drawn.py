"""A course drawn at once, in memory, from nothing but a frozen course: what any way of building it has to come to."""

from dataclasses import dataclass

from pipeline import html
from pipeline.build import Module, draw_course, draw_course_page, draw_lesson, put
from pipeline.built import Built, index
from pipeline.documents import AnswerKey
from pipeline.frozen import FrozenCourse
from pipeline.html_views import every_place
from pipeline.manifest import Manifest
from pipeline.released_assets import ReleasedAssets
from pipeline.render import RENDERER, render_outline


@dataclass(frozen=True)
class Whole:
    """`objects` maps a key of the store to its bytes: documents, pages, shards and the outline."""

    manifest: Manifest
    objects: dict[str, bytes]
    answer_keys: tuple[AnswerKey, ...]


def build(frozen: FrozenCourse, number: int, parent: str | None, assets: ReleasedAssets, site: html.Site) -> Whole:
    outline, objects, keys, heads = render_outline(frozen), dict[str, bytes](), list[AnswerKey](), []
    course, files, renditions = draw_course(frozen, assets)
    places = every_place(outline)
    for frozen_module, shown in zip(frozen.modules, outline.modules, strict=True):
        module = Module(shown, course.slug)
        for page in frozen_module.lessons:
            drawn = draw_lesson(frozen, page, assets, site, course, places[page.uuid])
            module.add(drawn, "")
            objects |= drawn.objects
            keys += drawn.keys
        heads.append(module.finish(objects, "")[0])
    document = put(objects, course.to_bytes())
    built = Built(
        around="",
        look="",
        renderer=RENDERER,
        outline=put(objects, index(course.course, course.slug, course.title, heads)).object,
        slug=course.slug,
        title=course.title,
        documents={str(course.course): document},
        pages=draw_course_page(objects, site, course, outline),
        files=files,
        renditions=renditions,
        modules=tuple(heads),
    )
    return Whole(built.manifest(frozen.course, number, parent), objects, tuple(keys))
