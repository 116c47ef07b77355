"""The rules of approval, which hold behind every door: submit, approve now or for later, request changes, withdraw."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page, Revision

from content.models import Course, Lesson, Module
from content.privacy import private_above, private_paths
from pipeline import frozen_parts, outbox
from pipeline.candidate import CHUNK, freeze, keep_originals, live_pages
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.frozen_tree import CourseTree
from pipeline.models import Candidate, ChangeEvent, Publication, Release
from pipeline.page_fields import frozen_fields, revision_content, tag_names


def submit(course: Course, by: Any) -> Candidate:
    """Freeze the course's drafts and put the candidate under review. `by` is a user, or None for the command line.

    Raises AuthorError if the course is under review already, is private or has no lesson.
    """
    # Gigabytes may have to be copied: before the row is locked, so that nobody waits for the disk.
    keep_originals(course)
    with transaction.atomic():
        outbox.lock(course.uuid)
        frozen = freeze(course)
        if Candidate.objects.filter(course=course.uuid, state=Candidate.State.IN_REVIEW).exists():
            raise AuthorError(f"“{frozen.page.title}” is under review already: withdraw it first to submit it again.")
        _refuse_private(course)
        if not frozen.modules:
            raise AuthorError(f"“{frozen.page.title}” has no lesson yet: write one before submitting the course.")
        return frozen_parts.candidate(frozen_parts.keep(frozen), submitted_by=by)


def approve(candidate: Candidate, by: Any) -> Release:
    """Approve exactly this candidate: a numbered release, its content live in the editor, and an event for the worker.

    An edit made since the freeze is kept as the page's draft. All of it is one transaction. Raises AuthorError if
    the candidate was decided already, `by` submitted it, or a page of it was made private or moved to another course.
    """
    with transaction.atomic():
        frozen = _decided(candidate, by)
        _refuse_deleted(candidate)
        return _carried_out(candidate, frozen, by, keep_review=False)


def approve_for_later(candidate: Candidate, by: Any) -> None:
    """Approve exactly this candidate and touch nothing else: `carry_out` makes it a release. Raises as `approve`."""
    with transaction.atomic():
        _decided(candidate, by)


def carry_out(candidate: Candidate, by: Any, *, keep_review: bool = False) -> Release:
    """Make an approved candidate a numbered release, its content live in the editor, and tell the worker.

    One transaction. `keep_review`: another candidate of the course may be under review by now, and stays so. Raises
    AuthorError as `approve` does.
    """
    with transaction.atomic():
        _refuse_deleted(candidate)
        frozen = candidate.frozen()
        _refuse_pages_gone_elsewhere(frozen)
        return _carried_out(candidate, frozen, by, keep_review=keep_review)


def request_changes(candidate: Candidate, by: Any, comment: str) -> None:
    """Send the candidate back with a comment. Raises AuthorError if it was decided already."""
    _decide(candidate, Candidate.State.CHANGES_REQUESTED, by, comment)


def withdraw(candidate: Candidate, by: Any) -> None:
    """Take the candidate back. Raises AuthorError if it was decided already."""
    _decide(candidate, Candidate.State.WITHDRAWN, by)


def release_directly(
    tree: CourseTree, by: int | None, comment: str = "", kind: Candidate.Kind = Candidate.Kind.DIRECT
) -> Release:
    """A release that nobody was asked about; one that a killed worker made and never built is used again.

    The parts that `tree` names are kept already. `by` is the id of a user. The caller holds `outbox.lock` of the
    course.
    """
    last = Release.objects.filter(course=tree.course).select_related("candidate").order_by("-number").first()
    waits = last is not None and (last.state, last.manifest) == (Release.State.WAITING, "")
    if last and waits and last.candidate.digest == tree.digest():
        return last
    candidate = frozen_parts.candidate(
        tree,
        kind=kind,
        state=Candidate.State.APPROVED,
        submitted_by_id=by,
        decided_by_id=by,
        decided_at=timezone.now(),
        comment=comment,
    )
    return _numbered(candidate, by, last)


def refuse_private(frozen: FrozenCourse, since: str) -> None:
    """Raises AuthorError, naming the page, if a page of a frozen course was made private in the editor “since ...”."""
    course = Course.objects.filter(uuid=frozen.course).first()
    if course is not None:
        _refuse_private(course)
        _refuse_hidden(course, frozen, since)


def number(candidate: Candidate, by: int | None) -> Release:
    """The next release of the candidate's course, waiting to be built, approved by the user with the id `by`.

    The caller holds `outbox.lock` of the course.
    """
    return _numbered(candidate, by, Release.objects.filter(course=candidate.course).order_by("-number").first())


def _numbered(candidate: Candidate, by: int | None, last: Release | None) -> Release:
    return Release.objects.create(
        course=candidate.course, number=last.number + 1 if last else 1, candidate=candidate, approved_by_id=by
    )


def _decided(candidate: Candidate, by: Any) -> FrozenCourse:
    outbox.lock(candidate.course)
    if by is not None and candidate.submitted_by_id == by.pk:
        raise AuthorError(f"You submitted “{candidate.title}” yourself: somebody else has to approve it.")
    _decide(candidate, Candidate.State.APPROVED, by)
    frozen = candidate.frozen()
    _refuse_pages_gone_elsewhere(frozen)
    return frozen


def _carried_out(candidate: Candidate, frozen: FrozenCourse, by: Any, *, keep_review: bool) -> Release:
    release = number(candidate, None if by is None else by.pk)
    _put_back(frozen, by, keep_review)
    # After the pages' own events: what they say is satisfied by this release.
    outbox.record(candidate.course, ChangeEvent.Kind.APPROVED, release=release, actor=by)
    return release


def _decide(candidate: Candidate, state: Candidate.State, by: Any, comment: str = "") -> None:
    # Conditional, so that of two editors who decide at once only one does.
    decided = Candidate.objects.filter(pk=candidate.pk, state=Candidate.State.IN_REVIEW).update(
        state=state, decided_by=by, decided_at=timezone.now(), comment=comment
    )
    if not decided:
        raise AuthorError(f"“{candidate.title}” is not under review any more: somebody decided on it or took it back.")
    candidate.refresh_from_db()


def _refuse_deleted(candidate: Candidate) -> None:
    if outbox.lock(candidate.course).standing == Publication.Standing.GONE:
        raise AuthorError(
            f"“{candidate.title}” was deleted in the editor, so it is not published any more. If readers had it, "
            "reopen it under Releases first."
        )


def _refuse_private(course: Course) -> None:
    if page := private_above(course):
        raise AuthorError(
            f"“{course.title}” is private, because “{page.title}” is: a published course can be read by everybody. "
            "Make it public first."
        )


def _refuse_pages_gone_elsewhere(frozen: FrozenCourse) -> None:
    """A page that was made private since the freeze must not be published; one that moved to another course is that
    course's to publish. One that was deleted ships as it was approved. Four queries at most."""
    course = Course.objects.filter(uuid=frozen.course).first()
    if course is None:
        return
    _refuse_private(course)
    pages = {page.page_id: page for module in frozen.modules for page in (module.page, *module.lessons)}
    gone = sorted(pages.keys() - set(Page.objects.descendant_of(course).values_list("pk", flat=True)))
    if gone and (elsewhere := Page.objects.filter(pk__in=gone).order_by("path").first()):
        raise AuthorError(
            f"“{pages[elsewhere.pk].title}” was moved to another course since this was submitted: submit it again."
        )
    _refuse_hidden(course, frozen, "this was submitted: submit the course again")


def _refuse_hidden(course: Course, frozen: FrozenCourse, since: str) -> None:
    if private := private_paths(course):
        pages = {page.page_id: page for module in frozen.modules for page in (module.page, *module.lessons)}
        for pk, path in Page.objects.descendant_of(course).order_by("path").values_list("pk", "path"):
            if pk in pages and path.startswith(private):
                raise AuthorError(f"“{pages[pk].title}” was made private since {since}.")


def _put_back(frozen: FrozenCourse, by: Any, keep_review: bool) -> None:
    """Make the pages in the editor live with the frozen content, and take down what the candidate leaves out."""
    course = Course.objects.filter(uuid=frozen.course).first()
    if course is None:
        return  # the course was deleted since the freeze; the release still ships what was approved
    modules = [module.page for module in frozen.modules]
    lessons = [lesson for module in frozen.modules for lesson in module.lessons]
    _publish(Course, frozen.page, by, keep_review)
    for model, pages in ((Module, modules), (Lesson, lessons)):
        settled = _settled(model, pages)
        for page in pages:
            if page.page_id not in settled:
                _publish(model, page, by, keep_review)
    for model, pages in ((Lesson, lessons), (Module, modules)):
        live = model.objects.descendant_of(course).live().filter(alias_of=None).order_by("path")
        left_out = set(live.values_list("pk", flat=True)) - {page.page_id for page in pages}
        for page in model.objects.filter(pk__in=left_out).order_by("path"):
            # Whoever may approve may take down what is left out; a lock on one page must not stop a whole approval.
            UnpublishPageAction(page, user=by).execute(skip_permission_checks=True)


def _settled(model: type[Page], pages: list[FrozenPage]) -> set[int]:
    """Those of the pages that are live as they are frozen, without a later draft: nothing is to be done for them. As
    `_go_live` would find one by one; a query for each 500."""
    as_live = Q(latest_revision=None) | Q(latest_revision=F("live_revision"))
    settled = set()
    for chunk in (pages[place : place + CHUNK] for place in range(0, len(pages), CHUNK)):
        wanted = {page.page_id: page for page in chunk}
        rows = model.objects.live().filter(as_live, pk__in=wanted)
        settled |= {page.page_id for _path, page in live_pages(model, rows) if page == wanted[page.page_id]}
    return settled


def _publish(model: Any, frozen: FrozenPage, by: Any, keep_review: bool) -> None:
    try:
        _go_live(model, frozen, by, keep_review)
    except ValidationError as error:
        # An address, most often: another page took it since the freeze, or still has it.
        why = " ".join(error.messages)
        raise AuthorError(f"“{frozen.title}” cannot go live in the editor as it was submitted: {why}") from error


def _go_live(model: Any, frozen: FrozenPage, by: Any, keep_review: bool) -> None:
    # Fetched anew: an instance that was loaded before an earlier publish would take the page offline.
    page = model.objects.filter(pk=frozen.page_id).first()
    if page is None:
        return
    latest = page.get_latest_revision()
    if (
        _says(model, page.serializable_data(), frozen)
        and page.live
        and (latest is None or latest == page.live_revision)
    ):
        return
    if latest and _says(model, latest.content, frozen) and not latest.content.get("go_live_at"):
        _make_live(latest, by, keep_review)
        return
    # What is approved is live now: a time that somebody gave the page of its own would put it off.
    content = revision_content(page, frozen.title, frozen.slug, frozen.fields) | {"go_live_at": None}
    approved = page.with_content_json(content).save_revision(user=by, clean=False)
    _make_live(approved, by, keep_review)
    if latest:
        # What the author wrote since the freeze is not lost: it becomes the draft again.
        fresh = model.objects.get(pk=page.pk)
        fresh.with_content_json(latest.content).save_revision(user=latest.user, clean=False)


def _make_live(revision: Revision, by: Any, keep_review: bool) -> None:
    action = PublishPageRevisionAction(revision, user=by)
    if keep_review:
        # What Wagtail looks up to cancel a page's workflow when the page is published: it finds none.
        action.object._current_workflow_states = []
    action.execute(skip_permission_checks=True)


def _says(model: type[Page], content: dict[str, Any], frozen: FrozenPage) -> bool:
    """Whether a page's content is what was frozen."""
    same = frozen_fields(model, content, tag_names([content])) == frozen.fields
    return same and (content["title"], content["slug"]) == (frozen.title, frozen.slug)
