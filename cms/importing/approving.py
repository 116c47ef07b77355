"""Approves and releases a course that was just imported, for whoever may run commands on this machine."""

from typing import Any

from cms.workflow import approve_course, submit_course
from content.models import Course
from pipeline.candidate import freeze
from pipeline.frozen_tree import digest
from pipeline.models import Publication, Release


def approve(course: Course, author: Any) -> Release | None:
    """Submit `course` as `author` and approve it as the command line; None if that is what is live already.

    Raises AuthorError if the course is under review, or has faults that forbid it.
    """
    publication = Publication.objects.filter(course=course.uuid).select_related("live_release__candidate").first()
    live = publication.live_release if publication else None
    settled = publication is not None and publication.built_seq >= publication.wanted_seq
    if live and settled and live.candidate.digest == digest(freeze(course, keep=False)):
        return None
    # Nobody is asked to review what is approved in the same breath.
    return approve_course(submit_course(course, author, "Imported from a folder.", tell=False), None)
