"""Which paths of the site are a course's: held by one course at a time, and never left without a word.

An `Address` row is kept for every path that a page of a course was ever at. Whoever comes by an old one is led to
where its lesson is now, or told that it is gone.
"""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from pipeline import html, outbox
from pipeline.documents import OutlineDocument
from pipeline.errors import AuthorError, StoreError
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.html_views import course_path, lesson_path
from pipeline.models import Address, ChangeEvent, Publication, Release
from pipeline.store.base import Store, checked

# After these a course's old addresses are looked at even if its outline is the same.
THOROUGH = (ChangeEvent.Kind.REBUILD, ChangeEvent.Kind.REOPENED, ChangeEvent.Kind.SITE)


def pages(outline: OutlineDocument) -> dict[str, UUID]:
    """The path of the course's page and of each lesson's page, and the item that is there."""
    lessons = {lesson_path(outline.slug, lesson.slug): lesson.item for lesson in outline.lessons()}
    return {f"{path}index.html": item for path, item in {course_path(outline.slug): outline.course, **lessons}.items()}


def refuse_unwritable(frozen: FrozenCourse) -> None:
    """Raises AuthorError, naming the page, if a page of the course would have an address that no store can hold.

    Before anything is written: a release whose pointer has moved must not fail at its pages, over and over.
    """
    _refuse_unwritable(frozen.page, course_path(frozen.page.slug))
    for module in frozen.modules:
        for lesson in module.lessons:
            _refuse_unwritable(lesson, lesson_path(frozen.page.slug, lesson.slug))


def _refuse_unwritable(page: FrozenPage, path: str) -> None:
    try:
        checked(f"{path}index.html")
    except StoreError:
        raise AuthorError(
            f"The address “{page.slug}” of “{page.title}” cannot be published: use only English letters, digits, "
            "hyphens and underscores, at most 200 of them."
        ) from None


def refuse_taken(course: UUID, slug: str) -> None:
    """Raises AuthorError while another course has pages at this address: two courses would overwrite each other.

    A course that is being renamed leaves its address with its own next release; the one that waits is tried again.
    What was left behind there, a redirect or a notice, holds nobody up.
    """
    holder = _on_the_store().exclude(course=course).filter(slug=slug).select_related("candidate").first()
    if holder:
        raise _taken(slug, holder.candidate.title)


def claim(course: UUID, mark: str, pages: Callable[[], Mapping[str, UUID]]) -> None:
    """Write down where a release will have its pages: what `pages` gives. In a transaction, before the first of them.

    `mark` names the release's outline: while the course's addresses are those of this very outline, nothing is asked
    for. A path that others left behind is taken over. Raises AuthorError if another course's page is at one of them.
    """
    if Publication.objects.filter(course=course, addressed=mark).exists():
        return
    Publication.objects.filter(course=course).update(addressed="")
    wanted = pages()
    folder = min(wanted, key=len).removesuffix("index.html")
    rows = {row.path: row for row in Address.objects.select_for_update().filter(path__startswith=folder)}
    known = {path: row for path, row in rows.items() if path in wanted}
    _refuse_pages_of_others(course, folder, known.values())
    new = Address.Kind.PAGE
    changed = [row for path, row in known.items() if (row.course, row.item, row.kind) != (course, wanted[path], new)]
    for row in changed:
        row.course, row.item, row.kind = course, wanted[row.path], new
    Address.objects.bulk_update(changed, ["course", "item", "kind"])
    try:
        with transaction.atomic():
            Address.objects.bulk_create(
                Address(path=path, course=course, item=item) for path, item in wanted.items() if path not in known
            )
    except IntegrityError:
        raise _taken(_slug(folder), "another course") from None


def leave_behind(
    store: Store, publication: Publication, mark: str, kept: Collection[str], beat: Callable[[], None]
) -> int:
    """Put a redirect or a notice wherever the course once had a page and has none now; how many were written.

    `kept` are the paths of the pages of the release that is being written, which `claim` has written down; `mark` is
    that of `claim`: while it is the one that is in place, nothing is looked at. `beat` is called before each write.
    Killed anywhere, the same call again finishes.
    """
    if _in_place(publication, mark):
        return 0
    rows = Address.objects.filter(course=publication.course)
    known = list(rows.order_by("path").values_list("pk", "path", "item", "kind"))
    now_at = {item: path for _pk, path, item, _kind in known if path in kept}
    elsewhere = _elsewhere(publication.course, {item for *_, item, _kind in known} - now_at.keys())
    site, home, written = html.site(), now_at[publication.course], set()
    became: dict[Address.Kind, list[int]] = {Address.Kind.REDIRECT: [], Address.Kind.GONE: []}
    for pk, path, item, kind in known:
        if path in kept:
            continue
        there = now_at.get(item) or elsewhere.get(item)
        is_now = Address.Kind.REDIRECT if there else Address.Kind.GONE
        page = _left(site, path, there, home, publication.course)
        if kind != is_now:
            became[is_now].append(pk)
        if store.read(path) != page:
            beat()
            store.replace(path, page)
            written.add(path)
    if written:
        _warn_new_owners(written - set(rows.values_list("path", flat=True)))
    changed = {pk for some in became.values() for pk in some}
    with transaction.atomic():
        _tell_others(publication.course, {item for pk, _path, item, _kind in known if pk in changed}, now_at)
        for is_now, some in became.items():
            rows.filter(pk__in=some).update(kind=is_now)
        Publication.objects.filter(pk=publication.pk, lease_owner=publication.lease_owner).update(addressed=mark)
    return len(written)


def _elsewhere(course: UUID, items: Collection[UUID]) -> dict[UUID, str]:
    """Where other courses have the pages of lessons that this one has no longer: they were moved.

    Of a course whose addresses are on their way to the store nothing is said: it tells this one when they are there.
    """
    if not items:
        return {}
    settled = Publication.objects.exclude(addressed="").exclude(standing=Publication.Standing.GONE)
    pages = Address.objects.filter(item__in=items, kind=Address.Kind.PAGE, course__in=settled.values("course"))
    return dict(pages.exclude(course=course).order_by("path").values_list("item", "path"))


def _tell_others(course: UUID, moved: Collection[UUID], here: Collection[UUID]) -> None:
    """Ask for a look at the old addresses of other courses that lead to a lesson here, or that should by now.

    `moved` are the items whose page is at another address than before, or at none; `here` those that have one. In the
    transaction that says that this course's addresses are in place: a course that left a lesson behind and looked
    before that is told, and one that looks later sees it.
    """
    others = Address.objects.exclude(course=course).filter(item__in={*moved, *here})
    rows = set(others.values_list("course", "item", "kind"))
    # In one order: two courses that exchange lessons must not wait for each other.
    publications = Publication.objects.select_for_update().filter(course__in={course, *(one for one, *_ in rows)})
    gone = Publication.Standing.GONE
    settled = {row.course: bool(row.addressed) for row in publications.order_by("pk") if row.standing != gone}
    for other in sorted(settled.keys() - {course}):
        kinds = {(item, kind) for one, item, kind in rows if one == other}
        late = any(kind == Address.Kind.GONE and item in here for item, kind in kinds)
        wrong = any(kind == Address.Kind.REDIRECT and item in moved for item, kind in kinds)
        if late or wrong or not settled[other]:
            outbox.record(other, ChangeEvent.Kind.REBUILD, note="a lesson that it once had has moved in another course")


def tell_led_here(course: UUID) -> None:
    """A course was deleted: other courses lead nobody to it any more. Called when its pages say that it is gone."""
    with transaction.atomic():
        ours = Address.objects.filter(course=course, kind=Address.Kind.PAGE).values("item")
        _tell_others(course, set(ours.values_list("item", flat=True)), ())


def held(course: UUID) -> list[str]:
    """Every path that speaks for the course: its pages, and what it left behind elsewhere."""
    return list(Address.objects.filter(course=course).order_by("path").values_list("path", flat=True))


def _in_place(publication: Publication, mark: str) -> bool:
    """Whether all that this outline leaves behind was written, and nobody has asked to look again."""
    if not Publication.objects.filter(pk=publication.pk, addressed=mark).exists():
        return False
    asked = ChangeEvent.objects.filter(course=publication.course, kind__in=THOROUGH, id__gt=publication.built_seq)
    return not asked.exists()


def _left(site: html.Site, path: str, now_at: str | None, home: str, course: UUID) -> bytes:
    """What stands at a former address. Its words do not depend on titles: one that is renamed rewrites none of them."""
    here = path.removesuffix("index.html")
    if now_at:
        sentence = "You are led there by yourself. If nothing happens, follow the link."
        there = now_at.removesuffix("index.html")
        return html.notice_page(
            site, here, "This page has moved", sentence, there, "Go to the page", course, "redirect"
        )
    sentence = "Its course no longer holds this lesson. What you have completed in the course is kept."
    there = home.removesuffix("index.html")
    return html.notice_page(
        site, here, "This lesson was removed", sentence, there, "Go to the course", course, "removed"
    )


def _refuse_pages_of_others(course: UUID, folder: str, rows: Collection[Address]) -> None:
    others = {row.course for row in rows if row.course != course and row.kind == Address.Kind.PAGE}
    holder = _standing().filter(course__in=others).first() if others else None
    if holder:
        raise _taken(_slug(folder), str(holder))


def _warn_new_owners(paths: Collection[str]) -> None:
    """Whoever took one of these paths over while we wrote there puts its page back."""
    if paths:
        for course in Address.objects.filter(path__in=paths).values_list("course", flat=True).distinct():
            outbox.record(course, ChangeEvent.Kind.REBUILD, note="another course wrote to an address that it had left")


def _taken(slug: str, title: str) -> AuthorError:
    return AuthorError(
        f"The address “{slug}” still belongs to “{title}”: publish that course at its new address, or choose "
        "another one here."
    )


def _slug(folder: str) -> str:
    return folder.strip("/").rpartition("/")[2]


def _on_the_store() -> "QuerySet[Release]":
    """Releases that may have pages on the store. A release has its outline before its first page is written."""
    begun = Release.objects.filter(state__in=(Release.State.LIVE, Release.State.WAITING), built__isnull=False)
    return begun.filter(course__in=_standing().values("course"))


def _standing() -> "QuerySet[Publication]":
    """Courses that keep their addresses: all but those that were deleted."""
    return Publication.objects.exclude(standing=Publication.Standing.GONE)
