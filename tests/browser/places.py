"""Where the pages of the example school are."""

from tests.pipeline import html_example as example

LESSONS = example.OUTLINE.lessons()
CATALOGUE = "/"
COURSE = "/courses/reading-data/"
EVERY_BLOCK, VIDEO, *_ = (f"{COURSE}{lesson.slug}/" for lesson in LESSONS)
LINKED = f"{COURSE}choices/"
ARABIC = "/courses/nujum/ufuq/"
ARABIC_COURSE = "/courses/nujum/"
LEARNING = "/learning/"
SIGN_IN, SIGN_UP, VERIFY, RESET = (f"/account/{name}/" for name in ("sign-in", "sign-up", "verify", "reset"))
PROFILE = "/account/"
