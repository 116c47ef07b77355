"""Reads questions from standard input, one JSON object a line, and answers each with seconds of CPU a lesson."""

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial


def main(postmaster: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from wagtail.models import Page
    from wagtailbakery.views import AllPublishedPagesView

    from tests.bench.cost import cost

    def pages(course: int, lessons: int) -> list[Page]:
        return list(Page.objects.descendant_of(Page.objects.get(pk=course)).filter(depth=5).order_by("path")[:lessons])

    def build(wanted: list[Page]) -> None:
        view = AllPublishedPagesView()
        view.get_queryset = lambda: Page.objects.filter(pk__in=[page.pk for page in wanted])
        view.build_queryset()

    def read(wanted: list[Page]) -> None:
        client = Client()
        for page in wanted:
            answer = client.get(f"/api/v2/pages/{page.pk}/?fields=*")
            assert answer.status_code == 200, answer.content

    acts: dict[str, Callable[[list[Page]], None]] = {"build": build, "read": read}
    try:
        for line in sys.stdin:
            question = json.loads(line)
            wanted, act = pages(question["course"], question["lessons"]), acts[question["act"]]
            act(wanted[:5])  # renditions, templates and caches are there before it counts
            print(cost(partial(act, wanted), postmaster).cpu / len(wanted), flush=True)
    finally:
        shutil.rmtree(settings.BUILD_DIR, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
