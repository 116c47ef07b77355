"""What a store serves each of its keys with: media type, charset, how long it may be kept, and its encoding."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

# Named by their content: whatever holds one of these has it for ever.
IMMUTABLE = re.compile(r"(o|m|assets)/")
FOR_EVER = "public, max-age=31536000, immutable"
# Pointers, pages, catalogue, feeds, sitemap, schema, keys: kept with their ETag, and asked for again before each use.
ASK_AGAIN = "no-cache"

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".ipynb": "application/x-ipynb+json",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": JSON,
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4a": "audio/mp4",
    ".m4s": "video/iso.segment",
    ".map": JSON,
    ".md": TEXT,
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".py": TEXT,
    ".svg": "image/svg+xml",
    ".txt": TEXT,
    ".ts": "video/mp2t",
    ".vtt": "text/vtt; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml; charset=utf-8",
    ".zip": "application/zip",
}
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Headers:
    """`encoding` is the Content-Encoding, empty for plain bytes.

    Every public byte lies plain today, and an edge compresses it for who can read that: an object's name is the
    sha256 of the bytes as stored, and one name serves every reader.
    """

    media_type: str
    cache: str
    encoding: str = ""


def headers_of(key: str) -> Headers:
    """What `key` is served with, on every host alike. Never raises: an unknown ending is a download."""
    immutable = IMMUTABLE.match(key) is not None
    suffix = PurePosixPath(key).suffix.lower()
    # Documents and manifests are named by their sha256 alone. The machine's own table of types is not asked: it
    # differs from machine to machine.
    media_type = JSON if immutable and not suffix else TYPES.get(suffix, UNKNOWN)
    return Headers(media_type, FOR_EVER if immutable else ASK_AGAIN)
