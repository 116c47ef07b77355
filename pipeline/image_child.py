"""The child process that opens one uploaded image: `python -m pipeline.image_child ORIGINAL NAME FOLDER`.

It prints one JSON object: `{"image": ...}` as `pipeline.images` describes, or `{"fault": sentence}`; it ends with
`OUT_OF_MEMORY` when its limit is too small for the image.
"""

import json
import re
import sys
from pathlib import Path

from pipeline import raster, svg
from pipeline.digests import sha256
from pipeline.errors import AuthorError

OUT_OF_MEMORY = 3  # the exit code
SVGZ = b"\x1f\x8b"
# Markup begins with a bracket, after a byte order mark and spaces. A word inside the file says nothing: a photo that
# was edited may carry a drawing in its metadata.
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<\0|\xfe\xff\0<")


def make(original: Path, name: str, folder: Path) -> dict[str, object]:
    """Write the published files of `original` into `folder`, named by their sha256, and say what they are."""
    with original.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise AuthorError(f"{name} is empty (0 bytes); upload it again from where it was made.")
    if _MARKUP.match(head):
        if original.stat().st_size > svg.MAX_BYTES:
            raise AuthorError(svg.too_large(name, original.stat().st_size))
        clean = svg.clean(original.read_bytes(), name)
        key = sha256(clean.data) + ".svg"
        (folder / key).write_bytes(clean.data)
        fallback = {"file": key, "media_type": "image/svg+xml", "width": clean.width}
        return {"width": clean.width, "height": clean.height, "sources": [], "fallback": fallback}
    if head.startswith(SVGZ) and name.lower().endswith((".svg", ".svgz")):
        raise AuthorError(f"{name} is a compressed SVG; save it as plain SVG and upload that.")
    return raster.make(original, name, folder)


def main(original: str, name: str, folder: str) -> None:
    try:
        answer: dict[str, object] = {"image": make(Path(original), name, Path(folder))}
    except AuthorError as fault:
        answer = {"fault": str(fault)}
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
