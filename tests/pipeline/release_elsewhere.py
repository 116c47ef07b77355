"""A process of its own with a database of its own: releases a candidate from a file, and prints its manifest's name.

    python -m tests.pipeline.release_elsewhere FILE

The file is JSON: `candidate` (its canonical text), `rendition` (the fields of a finished one) and `original` (base64).
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from pipeline import approval, frozen_parts, originals, outbox, worker  # noqa: E402
from pipeline.frozen import FrozenCourse  # noqa: E402
from pipeline.models import ChangeEvent, Publication, Release, Rendition  # noqa: E402
from pipeline.store import the_store  # noqa: E402


def manifest_of(told: dict[str, Any]) -> str:
    call_command("migrate", "pipeline", verbosity=0)
    original = base64.b64decode(told["original"])
    path = originals.path(told["rendition"]["original"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(original)
    for file in told["rendition"]["output"]["files"]:
        the_store().create(file["key"], original)
    Rendition.objects.create(**told["rendition"])
    frozen = FrozenCourse.model_validate_json(told["candidate"])
    candidate = frozen_parts.candidate(frozen_parts.keep(frozen))
    release = approval.number(candidate, None)
    outbox.record(frozen.course, ChangeEvent.Kind.APPROVED, release=release)
    worker.work(frozen.course)
    release = Release.objects.get(pk=release.pk)
    return release.manifest or Publication.objects.get(course=frozen.course).last_error


if __name__ == "__main__":
    print(manifest_of(json.loads(Path(sys.argv[1]).read_text())))
