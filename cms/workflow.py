"""How a course is submitted, approved now or for later, sent back and withdrawn: one function each, whatever the door.

The rules stand in `pipeline.approval`; these functions keep Wagtail's workflow in step with them, in one
transaction. WAGTAIL_FINISH_WORKFLOW_ACTION names this module, so it is imported while Wagtail's models load and
imports nothing of Wagtail at the top. `by` is None on the command line.
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from cms.models import CourseApproval, CourseReview
    from content.models import Course
    from pipeline.models import Candidate, Release, ScheduledRelease


def submit_course(course: "Course", by: Any, comment: str = "", *, tell: bool = True) -> "Candidate":
    """Freeze the course's drafts and put them under review; `comment` is what the author says to the reviewers, who
    are told by mail unless `tell` is false.

    Raises AuthorError, and changes nothing, if the course is under review already or has faults that forbid it.
    """
    from wagtail.models import WorkflowState

    from cms.mails import SubmittedMail
    from pipeline import approval
    from pipeline.candidate import keep_originals
    from pipeline.errors import AuthorError

    keep_originals(course)  # gigabytes, perhaps: copied before anything is locked
    with transaction.atomic():
        # Fetched anew: an instance from before its last draft would be saved over that draft.
        course = type(course).objects.get(pk=course.pk)
        if course.latest_revision_id is None:
            course.save_revision(user=by)  # Wagtail's task states name a revision; a fresh import has none
        state = course.current_workflow_state
        if state and state.status == WorkflowState.STATUS_IN_PROGRESS:
            raise AuthorError(f"“{course.title}” is under review already: withdraw it first to submit it again.")
        workflow = course.get_workflow()
        if state:
            state.resume(user=by)
        elif workflow:
            state = workflow.start(course, by)
        review = review_in_progress(course)
        if review is None:  # a school that switched the workflow off still approves courses
            candidate = approval.submit(course, by)
            refuse_faults(candidate)
            return candidate
        if comment:
            review.note = comment
            review.save(update_fields=["note"])
        if tell:
            SubmittedMail()(instance=review)
        frozen: Candidate = review.candidate
        return frozen


def approve_course(candidate: "Candidate", by: Any, comment: str = "") -> "Release":
    """Approve exactly this candidate: its content goes live in the editor and its release is on its way.

    Raises AuthorError if it is no longer under review, `by` submitted it, or a school has put another task behind
    this one in its workflow: a course is approved once.
    """
    from pipeline import approval
    from pipeline.errors import AuthorError
    from pipeline.models import Release

    with transaction.atomic():
        review = _review_of(candidate)
        if review is None:
            return approval.approve(candidate, by)
        review.approve(user=by, comment=comment)  # ends in finish() below, through Wagtail's workflow state
        release = Release.objects.filter(candidate=candidate).first()
        if release is None:
            raise AuthorError(
                "The workflow has another task after “Course approval”: remove it under Settings, Workflows."
            )
        return release


def approve_course_for(candidate: "Candidate", by: Any, wall: str, zone: str) -> "ScheduledRelease":
    """Approve exactly this candidate, to be released when clocks in `zone` show `wall`; nothing goes live before.

    Wagtail's workflow ends now. Raises AuthorError as `approve_course` and `pipeline.schedule.schedule_release` do.
    """
    from pipeline import schedule
    from pipeline.errors import AuthorError

    with transaction.atomic():
        review = _review_of(candidate)
        made = schedule.schedule_release(candidate, by, wall, zone)
        if review is not None:
            review.approve(user=by)  # ends in finish() below, which finds the candidate scheduled
            if _review_of(candidate) or review.workflow_state.status != review.workflow_state.STATUS_APPROVED:
                raise AuthorError(
                    "The workflow has another task after “Course approval”: remove it under Settings, Workflows."
                )
        return made


def finish(workflow_state: Any, user: Any = None) -> None:
    """Called by Wagtail when the last task of a workflow was approved: ships the candidate, not the latest draft.

    One that was approved for a later time waits for it.
    """
    from pipeline import approval
    from pipeline.errors import AuthorError
    from pipeline.models import ScheduledRelease

    review = _latest_review(workflow_state)
    if review is None:
        title = workflow_state.content_object
        raise AuthorError(f"No candidate of “{title}” was frozen: its workflow needs the task “Course approval”.")
    if ScheduledRelease.objects.filter(candidate=review.candidate, state=ScheduledRelease.State.WAITING).exists():
        return
    approval.approve(review.candidate, user)


def request_changes(candidate: "Candidate", by: Any, comment: str) -> None:
    """Send the candidate back to its author. Raises AuthorError without a comment, or if it is not under review."""
    from pipeline import approval
    from pipeline.errors import AuthorError

    if not comment.strip():
        raise AuthorError("Say what should change, so that the author knows what to do.")
    with transaction.atomic():
        review = _review_of(candidate)
        approval.request_changes(candidate, by, comment)
        if review:
            review.reject(user=by, comment=comment)


def withdraw(candidate: "Candidate", by: Any) -> None:
    """Take the candidate back before it is decided. Raises AuthorError if it is not under review."""
    from pipeline import approval

    with transaction.atomic():
        review = _review_of(candidate)
        if review:
            review.workflow_state.cancel(user=by)  # reaches withdrawn() below
        else:
            approval.withdraw(candidate, by)


# --- what Wagtail's task calls ---------------------------------------------------------------------------------


def start_review(task: "CourseApproval", workflow_state: Any, user: Any) -> "CourseReview":
    """Freeze the candidate of the course that was submitted, and open its review."""
    from wagtail.models import TaskState
    from wagtail.signals import task_submitted

    from cms.models import CourseReview
    from pipeline import approval

    with transaction.atomic():
        course = workflow_state.content_object.specific
        candidate = approval.submit(course, user)
        refuse_faults(candidate)
        review = CourseReview(
            workflow_state=workflow_state,
            task=task,
            status=TaskState.STATUS_IN_PROGRESS,
            revision=course.get_latest_revision(),
            candidate=candidate,
        )
        review.save()
        task_submitted.send(sender=CourseReview, instance=review, user=user)
        return review


def withdrawn(candidate: "Candidate", by: Any) -> None:
    """Wagtail cancelled the review: the candidate is withdrawn, unless it was decided already."""
    from pipeline import approval
    from pipeline.models import Candidate

    if Candidate.objects.filter(pk=candidate.pk, state=Candidate.State.IN_REVIEW).exists():
        approval.withdraw(candidate, by)


def refuse_faults(candidate: "Candidate") -> None:
    """Raises AuthorError that lists the errors of a candidate, if it has any. Warnings pass."""
    from cms.faults import candidate_faults
    from pipeline.errors import AuthorError

    errors = [one for one in candidate_faults(candidate.frozen()) if one.is_error]
    if errors:
        rest = f" (and {len(errors) - 5} more)" if len(errors) > 5 else ""
        listed = " ".join(f"{one.title}: {one.fault.sentence}" for one in errors[:5])
        raise AuthorError(f"The course cannot be submitted yet. {listed}{rest}")


# --- who and what ----------------------------------------------------------------------------------------------


def reviews(user: Any) -> bool:
    """Whether `user` may publish courses at all, and so review them."""
    from content.models import Catalogue

    catalogue = Catalogue.objects.first()
    return bool(catalogue and catalogue.permissions_for_user(user).can_publish())


def may_review(user: Any, candidate: "Candidate", course: Any) -> bool:
    """Whether `user` may decide on this candidate: may publish the course, and did not submit it."""
    return candidate.submitted_by_id != user.pk and bool(course.permissions_for_user(user).can_publish())


def review_in_progress(course: Any) -> "CourseReview | None":
    """The open review of a course, if Wagtail's workflow runs one."""
    from cms.models import CourseReview

    found: CourseReview | None = (
        CourseReview.objects.for_instance(course)
        .filter(status=CourseReview.STATUS_IN_PROGRESS)
        .select_related("candidate", "workflow_state")
        .first()
    )
    return found


def _review_of(candidate: "Candidate") -> "CourseReview | None":
    from cms.models import CourseReview

    found: CourseReview | None = (
        CourseReview.objects.filter(candidate=candidate, status=CourseReview.STATUS_IN_PROGRESS)
        .select_related("workflow_state", "task")
        .first()
    )
    return found


def _latest_review(workflow_state: Any) -> "CourseReview | None":
    from cms.models import CourseReview

    found: CourseReview | None = CourseReview.objects.filter(workflow_state=workflow_state).order_by("-id").first()
    return found
