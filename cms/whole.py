"""An act in the admin happens whole or not at all, and what an author can put right is said on the page."""

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.modal_workflow import render_modal_workflow

from pipeline.errors import AuthorError

View = Callable[..., HttpResponse]


def whole(view: View) -> View:
    """`view`, whose POST is one transaction. Wagtail's own publish, unpublish and move commit step by step.

    An AuthorError undoes the act and becomes a message where the person came from: the page's editor, or the
    review of the candidate.
    """

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except AuthorError as error:
            messages.error(request, str(error))
            back = _back(kwargs)
            if request.headers.get("x-requested-with") == "XMLHttpRequest":
                step = {"step": "success", "redirect": back}  # the dialog closes and the message shows behind it
                answer: HttpResponse = render_modal_workflow(request, "", None, {}, json_data=step)
                return answer
            return redirect(back)

    return wrapped


def _back(kwargs: dict[str, Any]) -> str:
    if "page_id" in kwargs:
        return reverse("wagtailadmin_pages:edit", args=[kwargs["page_id"]])
    if "candidate" in kwargs:
        return reverse("cms_review", args=[kwargs["candidate"]])
    if "course" in kwargs:
        return reverse("cms_releases", args=[kwargs["course"]])
    return reverse("wagtailadmin_home")
