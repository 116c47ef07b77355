"""The API's contract, answered at the network's edge: one learner, kept in memory, at the shapes of `contract.ts`."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Route

from tests.pipeline import html_example as example

PASSWORD = "a long enough password"
SAM = {
    "id": 7,
    "email": "sam@example.org",
    "name": "Sam",
    "avatar": None,
    "language": "en",
    "time_zone": "Europe/Lisbon",
}
# What the school finds right, as its private answer key would say it.
RIGHT: dict[str, Any] = {"q-single": ["a"], "q-multiple": ["a", "b"], "q-number": 21.5, "q-text": "y"}
LESSONS = example.OUTLINE.lessons()
ITEMS = [str(item) for lesson in LESSONS for item in (lesson.item, *(inner.item for inner in lesson.items))]

Answer = tuple[int, Any]


class SchoolApi:
    """Routes `{api}/**` of one browser context. Tests read and set its fields; `reachable` pulls the plug."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.user: dict[str, Any] | None = None
        self.csrf = "token-of-this-session"
        self.providers: list[str] = []
        self.courses: set[str] = set()
        self.items: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.attempts: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.reachable = True
        self.why = "<p>Rows are <strong>axis 0</strong>.</p>"
        # What the next requests to a door are answered with, before the ordinary answer.
        self.scripted: dict[str, list[Answer]] = {}

    def sign_in(self, *, enrolled: bool = False) -> None:
        self.user = dict(SAM)
        if enrolled:
            self.courses.add(str(example.COURSE.course))

    def somebody_else_signs_in(self) -> None:
        """In another tab of the same browser: the cookie is Noor's from now on, and so is the token."""
        self.user = {**SAM, "id": 8, "email": "noor@example.org", "name": "Noor"}
        self.csrf = "token-of-the-next-session"

    def script(self, door: str, *answers: Answer) -> None:
        """Answer the next requests to `door` (`POST /path`) so, one after the other."""
        self.scripted.setdefault(door, []).extend(answers)

    def sent(self, door: str) -> list[Any]:
        """The bodies of all requests to `door`."""
        return [body for method, path, body in self.asked if f"{method} {path}" == door]

    # --- the wire ---

    def route(self, route: Route) -> None:
        request = route.request
        path, body = urlsplit(request.url).path, request.post_data
        # A beacon's request has no body that the driver could read; the same goes for files.
        parsed = json.loads(body) if body and body.startswith("{") else body
        if not self.reachable:
            route.abort("connectionrefused")
            return
        self.asked.append((request.method, path, parsed))
        door = f"{request.method} {path}"
        if request.method != "GET" and request.headers.get("x-csrftoken") != self.csrf:
            status, answer = 403, {"detail": "The token is missing.", "code": "csrf"}
        elif self.scripted.get(door):
            status, answer = self.scripted[door].pop(0)
        else:
            status, answer = self.answer(request.method, path, parsed)
        route.fulfill(
            status=status,
            body="" if answer is None else json.dumps(answer),
            headers={
                "Content-Type": "application/json",
                "Access-Control-Allow-Origin": self.site,
                "Access-Control-Allow-Credentials": "true",
            },
        )

    def answer(self, method: str, path: str, body: Any) -> Answer:
        doors: list[tuple[str, Callable[..., Answer]]] = [
            (r"GET /v1/session", lambda: (200, {"csrf": self.csrf, "user": self.user, "providers": self.providers})),
            (r"PATCH /v1/me", lambda: self._change(body)),
            (r"POST /v1/me/avatar", lambda: (200, self.user)),
            (r"GET /v1/enrolments", lambda: (200, {"enrolments": [self.enrolment(course) for course in self.courses]})),
            (r"POST /v1/enrolments", lambda: self._enrol(body["course"])),
            (r"GET /v1/enrolments/([\w-]+)", self._enrolment),
            (r"DELETE /v1/enrolments/([\w-]+)", self._leave),
            (r"POST /v1/progress", lambda: self._progress(body)),
            (r"POST /v1/quizzes/([\w-]+)/attempts", lambda item: self._attempt(item, body)),
            (r"POST /_allauth/browser/v1/auth/login", lambda: self._login(body["password"])),
            (r"DELETE /_allauth/browser/v1/auth/session", self._sign_out),
        ]
        for door, act in doors:
            if match := re.fullmatch(door, f"{method} {path}"):
                needs_user = path.startswith(("/v1/me", "/v1/enrolments", "/v1/progress", "/v1/quizzes"))
                return UNAUTHORISED if needs_user and self.user is None else act(*match.groups())
        return 404, {"detail": f"No such door: {method} {path}", "code": "not_found"}

    # --- the rules ---

    def percent(self) -> float:
        return 100 * sum(self.items.get(item, {}).get("state") == "completed" for item in ITEMS) / len(ITEMS)

    def enrolment(self, course: str, *, items: bool = False) -> dict[str, Any]:
        done = [item for item in ITEMS if self.items.get(item, {}).get("state") == "completed"]
        following = next((lesson for lesson in LESSONS if str(lesson.item) not in done), None)
        return {
            "course": course,
            "slug": example.COURSE.slug,
            "title": example.COURSE.title,
            "release": 3,
            "percent": self.percent(),
            "completed": len(done),
            "total": len(ITEMS),
            "resume": following
            and {"lesson": str(following.item), "slug": following.slug, "title": following.title, "position": None},
            "enrolled_at": "2026-11-02T09:30:00Z",
            "cover": f"/{example.COVER.fallback.src}",
            **({"items": self.items} if items else {}),
        }

    def _change(self, body: dict[str, Any]) -> Answer:
        assert self.user is not None
        self.user.update(body)
        return 200, self.user

    def _enrol(self, course: str) -> Answer:
        self.courses.add(course)
        return 201, self.enrolment(course)

    def _enrolment(self, course: str) -> Answer:
        return (200, self.enrolment(course, items=True)) if course in self.courses else MISSING

    def _leave(self, course: str) -> Answer:
        self.courses.discard(course)
        return 204, None

    def _progress(self, body: dict[str, Any]) -> Answer:
        new = [event for event in body["events"] if event["id"] not in self.events]
        states = {"viewed": "started", "position": "started", "completed": "completed", "reopened": "started"}
        for event in new:
            self.events[event["id"]] = event
            state = self.items.setdefault(event["item"], {"state": "started"})
            if event["kind"] in ("completed", "reopened"):
                state["state"] = states[event["kind"]]
            if event["kind"] == "position":
                state["position"] = event["position"]
        touched = {event["item"]: self.items[event["item"]] for event in body["events"]}
        accepted = len(new)
        return 200, {
            "accepted": accepted,
            "duplicates": len(body["events"]) - accepted,
            "percent": self.percent(),
            "items": touched,
        }

    def _attempt(self, item: str, body: dict[str, Any]) -> Answer:
        points = {question.id: question.points for question in example.QUIZ.questions}
        right = {name: body["answers"][name] == answer for name, answer in RIGHT.items()}
        score = sum(points[name] for name, correct in right.items() if correct)
        attempt = {
            "id": body["id"],
            "score": score,
            "points": sum(points.values()),
            "passed": score * 100 >= example.QUIZ.pass_percent * sum(points.values()),
            "questions": [
                {"id": name, "correct": correct, "points": points[name] if correct else 0, "explanation_html": self.why}
                for name, correct in right.items()
            ],
        }
        self.attempts[body["id"]] = attempt
        if attempt["passed"]:
            self.items[item] = {"state": "completed", "score": score, "points": attempt["points"]}
        return 201, attempt

    def _login(self, password: str) -> Answer:
        if password != PASSWORD:
            return WRONG_PASSWORD
        self.sign_in()
        return 200, {"status": 200, "data": {"user": self.user}, "meta": {"is_authenticated": True}}

    def _sign_out(self) -> Answer:
        self.user = None
        return 401, {"status": 401, "data": {"flows": [{"id": "login"}]}, "meta": {"is_authenticated": False}}


UNAUTHORISED: Answer = (401, {"detail": "Sign in first.", "code": "unauthorised"})
MISSING: Answer = (404, {"detail": "You are not enrolled in this course.", "code": "not_enrolled"})
WRONG_PASSWORD: Answer = (
    400,
    {"status": 400, "errors": [{"message": "...", "code": "email_password_mismatch", "param": "password"}]},
)
