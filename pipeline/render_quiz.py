"""A quiz in its two halves: what a learner sees, and the key that never leaves the database."""

from collections.abc import Iterator
from typing import Any

from pipeline import markdown
from pipeline.documents import AnswerKey, Block, Choice, Question, QuestionKey, QuizBlock
from pipeline.render_page import Page, quiz_item


def quiz(block: str, value: dict[str, Any], page: Page) -> Iterator[Block]:
    """The public half; the private half is put among the page's answer keys."""
    item = quiz_item(page.item, block)
    page.answer_keys.append(
        AnswerKey(
            item=item,
            lesson=page.item,
            pass_percent=value["pass_percent"],
            questions=tuple(_key(raw) for raw in value["questions"]),
        )
    )
    yield QuizBlock(
        id=block,
        item=item,
        title=value["title"],
        pass_percent=value["pass_percent"],
        questions=tuple(_question(raw) for raw in value["questions"]),
    )


def _question(raw: dict[str, Any]) -> Question:
    value = raw["value"]
    return Question(
        id=raw["id"],
        kind=raw["type"],
        prompt_html=markdown.prose(value["prompt"]),
        points=value["points"],
        choices=tuple(
            Choice(id=choice["id"], html=markdown.inline(choice["value"]["text"]))
            for choice in value.get("choices") or []
        ),
        unit=value.get("unit") or "",
    )


def _key(raw: dict[str, Any]) -> QuestionKey:
    value = raw["value"]
    return QuestionKey(
        id=raw["id"],
        kind=raw["type"],
        points=value["points"],
        correct=tuple(choice["id"] for choice in value.get("choices") or [] if choice["value"]["correct"]),
        answer=value.get("answer"),
        tolerance=value.get("tolerance") or 0.0,
        accepted=tuple(form["value"] for form in value.get("accepted") or []),
        case_sensitive=bool(value.get("case_sensitive")),
        explanation_html=markdown.prose(value.get("explanation") or ""),
    )
