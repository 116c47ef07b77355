"""A small school as documents: every kind of block, long titles, a course without pictures, one from right to left."""

from html import escape
from uuid import UUID, uuid5

from pipeline.documents import (
    AttachmentBlock,
    Block,
    CalloutBlock,
    CatalogueDocument,
    CatalogueEntry,
    Choice,
    CodeBlock,
    CodeOutput,
    CourseDocument,
    CourseLink,
    EmbedBlock,
    Image,
    ImageBlock,
    ImageSource,
    InnerBlock,
    LessonDocument,
    MathsBlock,
    OutlineDocument,
    OutlineItem,
    OutlineLesson,
    OutlineModule,
    Person,
    ProseBlock,
    Question,
    QuizBlock,
    QuoteBlock,
    SolutionBlock,
    TableBlock,
    Track,
    VideoBlock,
)

ROOT = UUID("6f1c9f3e-2f64-4c3b-8a57-0f6a3e7d9b10")


def named(name: str) -> UUID:
    return uuid5(ROOT, name)


def image(name: str, width: int, height: int, alt: str) -> Image:
    """Three widths in two formats, as the renditions make them."""
    widths = sorted({min(width, size) for size in (480, 960, width)})
    return Image(
        alt=alt,
        width=width,
        height=height,
        sources=tuple(ImageSource(src=f"o/{name}-{size}.webp", media_type="image/webp", width=size) for size in widths),
        fallback=ImageSource(src=f"o/{name}.png", media_type="image/png", width=width),
    )


FIGURE = image(
    "temperature", 1200, 675, "A line that rises and falls once over a day, highest at three in the afternoon."
)
COVER = image("cover", 1280, 640, "Rows of sunlit books.")


def prose(id: str, html: str) -> ProseBlock:  # noqa: A002  (the field's own name)
    return ProseBlock(id=id, html=html)


def code(id: str, text: str, **rest: object) -> CodeBlock:  # noqa: A002
    lines = "\n".join(f'<span class="line">{escape(line)}</span>' for line in text.splitlines())
    return CodeBlock.model_validate(
        {"id": id, "language": "python", "code": text, "html": f"<code>{lines}</code>", **rest}
    )


READ = """import numpy


def mean_of_day(path: str) -> float:
    readings = numpy.loadtxt(fname=path, delimiter=",")
    return float(numpy.mean(readings, axis=0))

print(mean_of_day("inflammation-01.csv"))"""

CHALLENGE: tuple[InnerBlock, ...] = (
    prose("c1", "<p>What does <code>mean_of_day</code> return when the file holds a single row?</p>"),
    SolutionBlock(
        id="c2",
        title="Solution",
        blocks=(
            prose("c3", "<p>The row itself: the mean of one value is that value.</p>"),
            code("c4", "mean_of_day('one.csv')", output=CodeOutput(kind="output", text="6.14875")),
        ),
    ),
)

QUIZ = QuizBlock(
    id="quiz",
    item=named("quiz"),
    title="Check yourself",
    pass_percent=60,
    questions=(
        Question(
            id="q-single",
            kind="single",
            prompt_html="<p>Which axis averages over the rows?</p>",
            points=1,
            choices=(
                Choice(id="a", html="<code>axis=0</code>"),
                Choice(id="b", html="<code>axis=1</code>"),
                Choice(id="c", html="Neither: the order of the file decides"),
            ),
        ),
        Question(
            id="q-multiple",
            kind="multiple",
            prompt_html="<p>Which of these are arrays?</p>",
            points=2,
            choices=(
                Choice(id="a", html="<code>numpy.zeros(3)</code>"),
                Choice(id="b", html="<code>numpy.loadtxt(path)</code>"),
                Choice(id="c", html="<code>[0, 0, 0]</code>"),
            ),
        ),
        Question(id="q-number", kind="number", prompt_html="<p>How warm is it at noon?</p>", points=1, unit="°C"),
        Question(id="q-text", kind="short_text", prompt_html="<p>What is the last letter of NumPy?</p>", points=1),
    ),
)

EVERYTHING: tuple[Block, ...] = (
    CalloutBlock(
        id="o1",
        variant="objectives",
        blocks=(
            prose(
                "o2", "<ul><li>Read a table of numbers into a program.</li><li>Average over rows or columns.</li></ul>"
            ),
        ),
    ),
    prose(
        "p1",
        "<p>Words are useful, but what is <em>more</em> useful are the sentences and stories we build with them. "
        "A program that reads one number is a curiosity; one that reads a <strong>table</strong> is a tool. "
        'The <a href="https://numpy.org/">NumPy</a> library gives us both the table and the questions to ask of it.</p>'
        '<h2 id="reading-a-file">Reading a file</h2><p>The function <code>numpy.loadtxt</code> takes the name of a '
        "file and the character that stands between two values. Everything else it finds out by itself:</p>"
        "<ul><li>how many rows there are,</li><li>how many values stand in each,</li><li>and whether they are whole "
        "numbers.</li></ul>",
    ),
    code("k1", READ, filename="mean.py", highlighted=(5, 6), output=CodeOutput(kind="output", text="6.14875")),
    prose("p2", "<p>Ask for a file that is not there, and Python says so, at length:</p>"),
    code(
        "k2",
        "mean_of_day('nowhere.csv')",
        output=CodeOutput(
            kind="error",
            text='Traceback (most recent call last):\n  File "mean.py", line 9, in <module>\n'
            "FileNotFoundError: nowhere.csv not found, and this line is long enough to leave the page of a telephone.",
        ),
    ),
    ImageBlock(id="i1", image=FIGURE, caption="Temperature over one day in June, in degrees Celsius."),
    CalloutBlock(
        id="n1", variant="note", title="Data type", blocks=(prose("n2", "<p>An array holds one type only.</p>"),)
    ),
    CalloutBlock(id="n3", variant="tip", blocks=(prose("n4", "<p>Name files so that they sort by date.</p>"),)),
    CalloutBlock(id="n7", variant="tip", blocks=(prose("n8", "<p>Write dates as 2026-11-25.</p>"),)),
    CalloutBlock(
        id="n5", variant="warning", blocks=(prose("n6", "<p>A slice is a view: change it, and the table changes.</p>"),)
    ),
    prose("p3", '<h2 id="a-table-of-days">A table of days</h2><p>Each row is a patient, each column a day.</p>'),
    TableBlock(
        id="t1",
        caption="Inflammation by patient and day",
        header=("Patient", "Day 1", "Day 2", "Day 3", "Day 4", "Day 5", "Mean of all days so far"),
        rows=(
            ("Ada", "0", "1", "3", "1", "2", "1.4"),
            ("Grace, <em>second visit</em>", "0", "2", "1", "2", "1", "1.2"),
        ),
    ),
    MathsBlock(
        id="m1",
        latex=r"\bar{x} = \frac{1}{n} \sum_{i=1}^{n} x_i",
        mathml='<math display="block"><mover><mi>x</mi><mo>¯</mo></mover><mo>=</mo><mfrac><mn>1</mn><mi>n</mi></mfrac>'
        "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"
        "<msub><mi>x</mi><mi>i</mi></msub></math>",
    ),
    CalloutBlock(id="ch", variant="challenge", title="A single row", blocks=CHALLENGE),
    QuoteBlock(
        id="z1",
        html="<p>The purpose of computing is insight, not numbers.</p>",
        attribution="Richard Hamming, Numerical Methods for Scientists and Engineers",
        source="https://example.org/hamming",
    ),
    AttachmentBlock(
        id="a1",
        title="The readings",
        name="inflammation-01.csv",
        src="o/readings.csv",
        bytes=5365,
        media_type="text/csv",
    ),
    EmbedBlock(id="e1", provider="youtube", video_id="dQw4w9WgXcQ", title="A lecture on arrays"),
    CalloutBlock(id="y1", variant="questions", blocks=(prose("y2", "<p>What would a third axis mean?</p>"),)),
    CalloutBlock(
        id="y3", variant="key_points", blocks=(prose("y4", "<ul><li>A table is an array with two axes.</li></ul>"),)
    ),
    QUIZ,
)

VIDEO = VideoBlock(
    id="v1",
    title="How waves carry the day's warmth",
    rendition="waves",
    src="m/waves/master.m3u8",
    poster="o/poster.webp",
    duration=16.0,
    width=640,
    height=360,
    tracks=(
        Track(src="o/en.vtt", language="en", label="English"),
        Track(src="o/de.vtt", language="de", label="Deutsch", kind="subtitles"),
    ),
    transcript_html="<p>Warmth comes in waves. A sensor hears them.</p>",
)

TITLES = (
    ("Reading data", ("Reading a table of numbers", "Seeing the numbers", "Many files at once")),
    (
        "Making choices, repeating them, and knowing when to stop before it is too late",
        ("Choices", "A loop inside a loop, and why a very long title must not break the page that it stands on"),
    ),
    ("Going further", ("Functions",)),
)


def lesson_slug(title: str) -> str:
    return "-".join("".join(letter for letter in word if letter.isalnum()) for word in title.lower().split())[:40]


def outline_lesson(title: str) -> OutlineLesson:
    first = title == "Reading a table of numbers"
    return OutlineLesson(
        item=named(title),
        slug=lesson_slug(title),
        title=title,
        summary="Files, tables, and the first question to ask of them." if first else "",
        minutes=25,
        has_video=title == "Seeing the numbers",
        items=(OutlineItem(item=named("quiz"), kind="quiz", title="Check yourself", points=5),) if first else (),
    )


COURSE = CourseDocument(
    course=named("course"),
    slug="reading-data",
    title="Reading Data with Python",
    summary="From a folder of files to an answer you can defend: tables, pictures, loops and choices.",
    description_html="<p>This course starts where spreadsheets stop. You read real measurements, look at them, and "
    "write a program that does it again tomorrow.</p><p>Nothing needs to be installed to read along.</p>",
    level="beginner",
    language="en",
    hours=6.5,
    topics=("Python", "Data", "NumPy"),
    price_label="Free",
    outcomes=(
        "Load a table of numbers and ask it questions",
        "Draw what you found",
        "Repeat the work for a hundred files",
        "Write a function that others can read",
    ),
    cover=COVER,
    instructors=(
        Person(
            uuid=named("ada"), name="Ada Okafor", headline="Teaches measurement in Enugu", bio_html="<p>Likes rain.</p>"
        ),
    ),
    prerequisites=(CourseLink(course=named("ink"), slug="ink", title="Ink and Paper"),),
)
OUTLINE = OutlineDocument(
    course=COURSE.course,
    slug=COURSE.slug,
    title=COURSE.title,
    modules=tuple(
        OutlineModule(
            uuid=named(module), title=module, summary="", lessons=tuple(outline_lesson(title) for title in lessons)
        )
        for module, lessons in TITLES
    ),
)


def lesson(title: str, *blocks: Block) -> LessonDocument:
    place = next(lesson for lesson in OUTLINE.lessons() if lesson.title == title)
    return LessonDocument(
        item=place.item,
        course=COURSE.course,
        slug=place.slug,
        title=title,
        summary=place.summary,
        language="en",
        minutes=place.minutes,
        blocks=blocks or (prose("p", "<p>A short lesson.</p>"),),
    )


EVERY_BLOCK = lesson("Reading a table of numbers", *EVERYTHING)
WITH_VIDEO = lesson("Seeing the numbers", VIDEO, prose("p", "<p>Look first, count later.</p>"))
LINKED = lesson(
    "Choices",
    prose(
        "p",
        '<p>Remember <a href="../reading-a-table-of-numbers/#a-table-of-days">the table of days</a>, see '
        '<a href="#further-down">below</a>, or go back to <a href="../">the course</a>.</p>'
        + "<p>A choice is a question with two answers.</p>" * 40
        + '<h2 id="further-down">Further down</h2><p>Here.</p>',
    ),
)
LESSONS = tuple(
    {one.item: one for one in (EVERY_BLOCK, WITH_VIDEO, LINKED)}.get(place.item) or lesson(place.title)
    for place in OUTLINE.lessons()
)

ARABIC = CourseDocument(
    course=named("arabic"),
    slug="nujum",
    title="مقدمة في علم النجوم",
    summary="كيف نقرأ السماء في ليلة صافية.",
    description_html="<p>نبدأ من الأفق ثم نصعد.</p>",
    level="beginner",
    language="ar",
    hours=2,
    topics=("فلك",),
    price_label="",
    outcomes=("تمييز الكواكب من النجوم",),
)
ARABIC_LESSON = LessonDocument(
    item=named("arabic lesson"),
    course=ARABIC.course,
    slug="ufuq",
    title="الأفق",
    summary="أين تنتهي الأرض وتبدأ السماء؟",
    language="ar",
    minutes=10,
    blocks=(
        prose(
            "1",
            '<p>الأفق خط يتحرك معنا.</p><h2 id="a">الاتجاهات</h2><p>أربعة.</p><h2 id="b">الارتفاع</h2><p>بالدرجات.</p>',
        ),
        code("2", "print('north')", output=CodeOutput(kind="output", text="north")),
        CalloutBlock(id="3", variant="tip", blocks=(prose("4", "<p>ابدأ بالشمال.</p>"),)),
    ),
)
ARABIC_OUTLINE = OutlineDocument(
    course=ARABIC.course,
    slug=ARABIC.slug,
    title=ARABIC.title,
    modules=(
        OutlineModule(
            uuid=named("arabic module"),
            title="البداية",
            summary="",
            lessons=(
                OutlineLesson(
                    item=ARABIC_LESSON.item,
                    slug=ARABIC_LESSON.slug,
                    title=ARABIC_LESSON.title,
                    summary="",
                    minutes=10,
                ),
            ),
        ),
    ),
)


def entry(course: CourseDocument, lessons: int) -> CatalogueEntry:
    return CatalogueEntry(
        course=course.course,
        slug=course.slug,
        title=course.title,
        summary=course.summary,
        level=course.level,
        language=course.language,
        hours=course.hours,
        topics=course.topics,
        price_label=course.price_label,
        lessons=lessons,
        cover=course.cover,
        instructors=tuple(person.name for person in course.instructors),
    )


INK = COURSE.model_copy(
    update={
        "course": named("ink"),
        "slug": "ink",
        "title": "Ink and Paper: a Long History of Writing Things Down so that Somebody Else Can Find Them Again",
        "summary": "Why catalogues exist.",
        "cover": None,
        "prerequisites": (),
    }
)
CATALOGUE = CatalogueDocument(
    courses=(
        entry(INK, 4),
        entry(COURSE, 6),
        entry(INK.model_copy(update={"course": named("tide"), "title": "Tides", "slug": "tides"}), 1),
        entry(ARABIC, 1),
    )
)
