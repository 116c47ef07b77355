"""A pipe table as the raw value of a table block: a row of headings, rows of inline Markdown, a caption."""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from cms.importing.rewriting import rewritten_content
from cms.importing.source import Raw, Source

CAPTION = re.compile(r"^(?:Table|table)?[ \t]*:[ \t]*(\S.*)$", re.DOTALL)


def table(tokens: Sequence[Token], first: int, source: Source) -> list[Raw]:
    """The table that `tokens` are, and after it the blocks that were lifted out of its cells.

    A last row of one cell that reads `Table: …` is its caption: without an empty line before it, it is parsed as a row.
    """
    rows: list[list[str]] = []
    lifted: list[Raw] = []
    line = first + (tokens[0].map or [0])[0]
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            made = rewritten_content(token, first + (token.map or [0])[0], source)
            rows[-1].append(made.without_marks().strip())
            lifted.extend(made.lifted)
    for block in lifted:
        source.warning(int(block["id"]), f"No {block['type']} can stand in a table: it follows the table.")
    header, body, caption = rows[0], rows[1:], ""
    if body and not any(body[-1][1:]) and (match := CAPTION.match(body[-1][0])) and body[-1][0].startswith("Table"):
        caption, body = match[1], body[:-1]
    value = {
        "columns": [{"type": "text", "heading": heading} for heading in header],
        "rows": [{"values": row[: len(header)] + [""] * (len(header) - len(row))} for row in body],
        "caption": caption,
    }
    return [{"type": "table", "value": value, "id": str(line)}, *lifted]
