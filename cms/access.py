"""Who may open a course, and why; give access by hand, and take it back."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from wagtail.admin import messages

from api.accounts.models import User
from api.errors import ApiError
from api.payments import grants, report
from api.payments.entitlement import Ground
from api.payments.models import Grant
from api.payments.offering import in_words, on_offer
from cms.heading import heading
from content.models import Course

LAST_YEAR = 9000
KINDS = {
    "free": "Free for everybody",
    "enrolled": "Came in while it was free",
    "bought": "Bought",
    "subscription": "Subscription",
    "grant": "Given",
}
STATES = {
    "open": "",
    "grace": "renewal not paid yet, open for some days",
    "suspended": "suspended while the payment is disputed",
    "refunded": "refunded",
    "lost": "the payment was disputed and lost",
    "ended": "ended",
    "revoked": "taken back",
}


class GiveForm(forms.Form):
    """Who, why, and until when: the last day on which it is open, in the time of whoever gives."""

    email = forms.EmailField(label="E-mail address", help_text="Of somebody who has an account.")
    kind = forms.ChoiceField(label="What it is", choices=Grant.Kind.choices)
    reason = forms.CharField(label="Why", max_length=300, help_text="Colleagues read it here; the learner does not.")
    last_day = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Left empty, for ever.",
    )

    def clean_email(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError("Nobody has an account with this address: ask them to sign up first.")
        return user

    def clean_last_day(self) -> date | None:
        day: date | None = self.cleaned_data["last_day"]
        if day and day.year > LAST_YEAR:
            raise forms.ValidationError("That is for ever: leave it empty.")
        return day

    def until(self) -> datetime | None:
        day = self.cleaned_data["last_day"]
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day else None


class RevokeForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=300, help_text="It is kept beside what was given.")


@require_GET
def courses(request: HttpRequest) -> HttpResponse:
    """Every course, and what it costs."""
    _may(request, "view")
    page = Paginator(Course.objects.order_by("title"), 50).get_page(request.GET.get("p"))
    offers = on_offer([course.uuid for course in page.object_list])
    rows = [(course, [in_words(offer) for offer in offers.get(course.uuid, [])]) for course in page.object_list]
    return render(request, "cms/access/courses.html", {"page": page, "rows": rows, **heading("Access", "key")})


@require_GET
def show(request: HttpRequest, course: UUID) -> HttpResponse:
    """Who may open one course, on which grounds."""
    _may(request, "view")
    found = get_object_or_404(Course, uuid=course)
    page = Paginator(report.concerned(course), 50).get_page(request.GET.get("p"))
    people = [
        (user, access, [in_sentence(ground) for ground in access.grounds])
        for user, access in report.accesses(list(page.object_list), course, timezone.now())
    ]
    given: Any = Paginator(report.grants_of(course), 50).get_page(request.GET.get("g"))
    context = {
        "course": found,
        "page": page,
        "people": people,
        "offers": [(offer, in_words(offer)) for offer in on_offer([course]).get(course, [])],
        "given": given,
        "now": timezone.now(),
        "may_give": request.user.has_perm("api.add_grant"),
        "may_revoke": request.user.has_perm("api.change_grant"),
        **heading(f"Access to “{found.title}”", "key", ("Access", reverse("cms_accesses"))),
    }
    return render(request, "cms/access/show.html", context)


def give(request: HttpRequest, course: UUID) -> HttpResponse:
    """Ask whom and why, and on POST give them the course."""
    _may(request, "add")
    found = get_object_or_404(Course, uuid=course)
    form = GiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            grants.give(
                data["email"],
                course,
                data["reason"],
                by=_staff(request),
                until=form.until(),
                kind=Grant.Kind(data["kind"]),
            )
        except ApiError as error:
            form.add_error(None, error.detail)
        else:
            messages.success(request, f"{data['email']} may open “{found.title}” now.")
            return redirect("cms_access", course=course)
    sentences = [
        "They can enrol at once, without paying. Nobody is written to: tell them yourself.",
        "It can be taken back; what they have done in the course is kept then.",
    ]
    return _form(request, found, form, "Give access", sentences)


def revoke(request: HttpRequest, course: UUID, grant: UUID) -> HttpResponse:
    """Ask why, and on POST take back what was given."""
    _may(request, "change")
    found = get_object_or_404(Course, uuid=course)
    row = get_object_or_404(Grant.objects.select_related("user"), pk=grant, course=course)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            grants.revoke(row, form.cleaned_data["reason"], by=_staff(request))
        except ApiError as error:
            form.add_error(None, error.detail)
        else:
            messages.success(request, f"What {row.user} was given of “{found.title}” is taken back.")
            return redirect("cms_access", course=course)
    sentences = [
        f"{row.user} ({row.user.email}) was given this course on {row.given_at:%d.%m.%Y}: {row.reason}",
        "If they have no other ground, such as a payment, they cannot open it any more. What they did in it is kept.",
        "To undo it, give it again.",
    ]
    return _form(request, found, form, "Take back", sentences)


def in_sentence(ground: Ground) -> str:
    """A ground in words: "Bought: refunded", "Given, until 1 May 2026"."""
    told = KINDS[ground.kind] + (f": {STATES[ground.state]}" if STATES[ground.state] else "")
    if ground.until is None or not ground.open:
        return told
    return f"{told}, until {timezone.localtime(ground.until):%d.%m.%Y}"


def _form(request: HttpRequest, course: Course, form: forms.Form, title: str, sentences: list[str]) -> HttpResponse:
    back = reverse("cms_access", args=[course.uuid])
    trail = ("Access", reverse("cms_accesses")), (f"Access to “{course.title}”", back)
    context = {"form": form, "sentences": sentences, "button": title, "back": back, **heading(title, "key", *trail)}
    return render(request, "cms/access/form.html", context, status=422 if form.errors else 200)


def _may(request: HttpRequest, action: str) -> None:
    if not request.user.has_perm(f"api.{action}_grant"):
        raise PermissionDenied


def _staff(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
