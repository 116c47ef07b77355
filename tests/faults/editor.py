"""An editor who publishes one lesson again and again, through the form of the CMS, whatever happens to it."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.cms.cast import lesson_form

SECRET = "a" * 32  # Django compares the cookie with the form's field: any secret will do


@dataclass
class Editor:
    """`answered` maps each edition that was acknowledged to the moment of the answer, in seconds of the clock."""

    port: int
    page: int
    title: str
    slug: str
    cookie: str
    pause: float
    edition: int = 0
    failed: int = 0
    answered: dict[int, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def publish(self) -> None:
        """One edition. It was acknowledged if the CMS leads on to the next screen, as it does after a success."""
        self.edition += 1
        form = lesson_form(self.title, f"<p>Edition {self.edition}.</p>", slug=self.slug) | {"action-publish": "1"}
        body = urlencode(form | {"csrfmiddlewaretoken": SECRET})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        link = http.client.HTTPConnection("localhost", self.port, timeout=30)
        try:
            link.request("POST", f"/admin/pages/{self.page}/edit/", body, headers)
            answer = link.getresponse()
            if answer.status == 302:
                self.answered[self.edition] = time.monotonic()
            else:
                self.refused.append(f"{answer.status}: {answer.read()[:2000].decode()}")
        except (OSError, http.client.HTTPException):
            self.failed += 1  # the web process is dead: it may have been published or not
        finally:
            link.close()

    def __enter__(self) -> "Editor":
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(self.pause):
            self.publish()
