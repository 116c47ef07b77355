"""A quiz as the raw value of its block, from the YAML of a lesson."""

from typing import Any

from cms.importing.front_matter import Fields
from cms.importing.rewriting import rewritten_text
from cms.importing.source import Raw, Source

KINDS = ("single", "multiple", "number", "short_text")


def quiz(fields: Fields, line: int, source: Source) -> Raw:
    """What cannot be right in it, such as a question without a right answer, is found by `content.rules`."""
    value = {
        "title": fields.text("title", "Check yourself", most=200),
        "pass_percent": fields.whole("pass_percent", 60, most=100),
        "questions": [
            _question(Fields(question, source.findings, source.name, line), line, source)
            for question in fields.items("questions")
        ],
    }
    fields.refuse_unknown()
    return {"type": "quiz", "value": value, "id": str(line)}


def _question(fields: Fields, line: int, source: Source) -> Raw:
    kind = fields.choice("kind", KINDS, "single")
    value: dict[str, Any] = {
        "prompt": rewritten_text(fields.text("prompt"), line, source, "a question"),
        "points": fields.whole("points", 1, least=1, most=100),
        "explanation": rewritten_text(fields.text("explanation"), line, source, "an explanation"),
    }
    if kind in {"single", "multiple"}:
        value["choices"] = _choices(fields, line, source)
    elif kind == "number":
        value |= _number(fields)
    else:
        accepted = fields.texts("accepted", most=200)
        value["accepted"] = [{"type": "item", "value": text, "id": str(line)} for text in accepted]
        value["case_sensitive"] = fields.flag("case_sensitive")
    fields.refuse_unknown()
    return {"type": kind, "value": value, "id": str(line)}


def _choices(fields: Fields, line: int, source: Source) -> list[Raw]:
    choices = []
    for raw in fields.items("choices"):
        choice = Fields(raw if isinstance(raw, dict) else {"text": raw}, source.findings, source.name, line)
        text = rewritten_text(choice.text("text", most=500), line, source, "a choice")
        if not text:
            source.error(line, "A choice of a quiz says nothing: write its “text”.")
        choices.append({"type": "item", "value": {"text": text, "correct": choice.flag("correct")}, "id": str(line)})
        choice.refuse_unknown()
    if len(choices) < 2:
        source.error(line, "A question of a quiz needs two choices or more: add them under “choices”.")
    return choices


def _number(fields: Fields) -> dict[str, Any]:
    answer = float(fields.number("answer", least="-1e300", most="1e300")) if fields.has("answer") else None
    tolerance = float(fields.number("tolerance", most="1e300"))
    return {"answer": answer, "tolerance": tolerance, "unit": fields.text("unit", most=30)}
