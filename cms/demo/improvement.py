"""What Ada adds to a lesson after its release: a draft for Edna to review, so that the review screen is not empty."""

import json
from uuid import uuid4

from api.accounts.models import User
from content.models import Course, Lesson

LESSON = "filter-first"
TITLE = "How long should the mean be?"
TEXT = """\
As long as one whole swing of what you want to be rid of, or two, or three: 24 hours or 48 for the day, 20 milliseconds
for a hum of 50 Hz. The length need not be perfect. A mean over 25 hours leaves a twenty-fifth of the day’s swing, and
in the greenhouse that is 0.2 degrees instead of 5."""
NOTE = "A reader asked how long the mean should be. I added a tip to “Filter first”; nothing else is changed."


def write(course: Course, by: User) -> bool:
    """Add the tip before the lesson's last box and save a draft as `by`. False if the draft has it already."""
    lesson = Lesson.objects.descendant_of(course).get(slug=LESSON).get_latest_revision_as_object()
    body = list(lesson.body.raw_data)
    if any(block["value"]["title"] == TITLE for block in body if block["type"] == "callout"):
        return False
    tip = {"variant": "tip", "title": TITLE, "body": [{"type": "markdown", "value": TEXT, "id": str(uuid4())}]}
    body.insert(len(body) - 1, {"type": "callout", "value": tip, "id": str(uuid4())})
    lesson.body = json.dumps(body)
    lesson.save_revision(user=by)
    return True
