"""The standing cast of the API's tests: who learns, who must not see, and the course that is live."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client

from api.accounts.models import User
from api.router import api
from pipeline.built import Built, head, row_name
from pipeline.digests import digest
from pipeline.documents import AnswerKey, OutlineDocument, OutlineItem, OutlineLesson, OutlineModule, QuestionKey
from pipeline.models import AnswerKey as AnswerKeyRow
from pipeline.models import BuiltModule, Candidate, Publication, Release

COURSE = UUID("c0000000-0000-4000-8000-000000000001")
FIRST, SECOND, THIRD = (UUID(f"a0000000-0000-4000-8000-00000000000{n}") for n in (1, 2, 3))
QUIZ = UUID("b0000000-0000-4000-8000-000000000001")
NOWHERE = UUID("d0000000-0000-4000-8000-000000000009")

KEY = AnswerKey(
    item=QUIZ,
    lesson=SECOND,
    pass_percent=60,
    questions=(
        QuestionKey(id="one", kind="single", points=1, correct=("b",), explanation_html="<p>It is b.</p>"),
        QuestionKey(id="some", kind="multiple", points=2, correct=("a", "c")),
        QuestionKey(id="number", kind="number", points=1, answer=0.3, tolerance=0.1),
        QuestionKey(id="word", kind="short_text", points=1, accepted=("Fir tree",)),
    ),
)
RIGHT = {"one": ["b"], "some": ["c", "a"], "number": 0.4, "word": " fir  TREE "}
WRONG = {"one": ["a"], "some": ["a"], "number": 7, "word": "oak"}


def outline(*lessons: OutlineLesson, course: UUID = COURSE, title: str = "Trees") -> OutlineDocument:
    module = OutlineModule(uuid=uuid4(), title="All of it", summary="", lessons=lessons)
    return OutlineDocument(course=course, slug=title.lower(), title=title, modules=(module,))


def lesson(item: UUID, title: str, *quizzes: UUID) -> OutlineLesson:
    items = tuple(OutlineItem(item=quiz, kind="quiz", title="Check yourself", points=5) for quiz in quizzes)
    return OutlineLesson(item=item, slug=title.lower(), title=title, summary="", minutes=5, items=items)


LESSONS = (lesson(FIRST, "Roots"), lesson(SECOND, "Leaves", QUIZ), lesson(THIRD, "Bark"))


def go_live(
    document: OutlineDocument | None = None, *, price: str = "Free", keys: tuple[AnswerKey, ...] = (KEY,)
) -> Release:
    """A release of a course becomes the live one, as the worker leaves it behind."""
    document = document or outline(*LESSONS)
    course = document.course
    number = Release.objects.filter(course=course).count() + 1
    told = {str(key.item): digest(key.model_dump(mode="json")) for key in keys}
    heads = [head("", row_name("", module, [], told), "", module) for module in document.modules]
    built = Built(
        around="",
        look="",
        renderer="",
        outline=digest([list(one) for one in heads]),
        slug=document.slug,
        title=document.title,
        documents={},
        pages={},
        files=(),
        renditions={},
        modules=tuple(heads),
    )
    for module, one in zip(document.modules, heads, strict=True):
        raw = module.model_dump(mode="json")
        BuiltModule.objects.get_or_create(course=course, name=one.row, defaults={"outline": raw, "keys": told})
    cover = {"fallback": {"src": "o/cover.webp", "media_type": "image/webp", "width": 800}}
    release = Release.objects.create(
        course=course,
        number=number,
        candidate=Candidate.objects.create(course=course, title=document.title, digest="0" * 64, content="{}"),
        state=Release.State.LIVE,
        built=built.to_json(),
        course_document={"price_label": price, "cover": cover},
    )
    Candidate.objects.filter(course=course).update(state=Candidate.State.APPROVED)
    for key in keys:
        raw = key.model_dump(mode="json")
        AnswerKeyRow.objects.get_or_create(course=course, item=key.item, digest=digest(raw), defaults={"document": raw})
    Publication.objects.update_or_create(course=course, defaults={"live_release": release})
    return release


def take_down(course: UUID = COURSE) -> None:
    Publication.objects.filter(course=course).update(live_release=None)


class Browser(Client):
    """A test client that must show CSRF tokens, and does, as the student site does."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__(enforce_csrf_checks=True)
        if user:
            self.force_login(user)

    def send(self, method: str, path: str, body: Any = None, **extra: Any) -> HttpResponse:
        """A JSON request with the token of GET /v1/session."""
        token = self.get("/v1/session").json()["csrf"]
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.generic(
            method, path, data, content_type="application/json", headers={"X-CSRFToken": token}, **extra
        )

    def enrol(self, course: UUID = COURSE) -> HttpResponse:
        return self.send("POST", "/v1/enrolments", {"course": str(course)})

    def progress(self, *events: dict[str, Any], course: UUID = COURSE) -> HttpResponse:
        return self.send("POST", "/v1/progress", {"course": str(course), "events": list(events)})

    def attempt(self, answers: dict[str, Any], *, id: UUID | None = None, item: UUID = QUIZ) -> HttpResponse:  # noqa: A002  # as the body says
        body = {"id": str(id or uuid4()), "course": str(COURSE), "answers": answers}
        return self.send("POST", f"/v1/quizzes/{item}/attempts", body)


def event(item: UUID, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "item": str(item), "kind": kind, "at": at.isoformat(), **more}


def refusal(response: HttpResponse) -> tuple[int, str]:
    """Status and code of a refusal, once it is seen to be one: a sentence and a code, and nothing else."""
    answer = json.loads(response.content)
    assert set(answer) == {"detail", "code"}, answer
    assert answer["detail"][0].isupper() and answer["detail"].endswith("."), answer
    return response.status_code, answer["code"]


def routes() -> list[tuple[str, str]]:
    """Every (method, path template) that ninja serves, whether it is in the OpenAPI document or not."""
    assert api.urls
    return sorted(
        (method, f"/v1{path}")
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    )
