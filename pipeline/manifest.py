"""The manifest of a release and the signed pointer that makes it live."""

import base64
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.digests import canonical_json, sha256
from pipeline.errors import StoreError

Stored = TypeVar("Stored", bound=BaseModel)


class Entry(BaseModel):
    """An object: `object` is the sha256 of the stored bytes."""

    model_config = ConfigDict(frozen=True)
    object: str
    bytes: int
    tier: Literal["public", "gated"] = "public"


class File(BaseModel):
    """A file that pages load by URL, such as an image: its key in the store, its sha256 and size."""

    model_config = ConfigDict(frozen=True)
    key: str
    sha256: str
    bytes: int


class Shard(BaseModel):
    """What one module of a release needs, in an object of its own: an edit writes one module's and not all of them."""

    model_config = ConfigDict(frozen=True)

    documents: dict[str, Entry]
    pages: dict[str, Entry]
    files: tuple[File, ...]
    renditions: dict[str, tuple[File, ...]]

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump(mode="json"))


class ModuleEntry(BaseModel):
    """A module in a manifest: `shard` and `outline` are the sha256 of its `Shard` and of its part of the outline."""

    model_config = ConfigDict(frozen=True)

    uuid: UUID
    shard: str
    outline: str


class Manifest(BaseModel):
    """Everything one release needs.

    `documents` maps a course's or a lesson's item UUID to its JSON object at `o/<sha256>`; `outline` is one more
    such object. `pages` maps a mutable path (`courses/x/index.html`) to its HTML object at `o/<sha256>.html`.
    `renditions` maps a rendition's name to its files below `m/<name>/`. `files` are images and attachments.

    As it is stored, these hold what belongs to the course itself, and what belongs to a module stands in the module's
    shard. `whole` puts the shards' into one; a manifest from before there were shards is whole as it is.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: Literal[1] = Field(default=1, alias="schema")
    course: UUID
    release: int
    parent: str | None
    documents: dict[str, Entry]
    outline: str
    pages: dict[str, Entry]
    files: tuple[File, ...]
    renditions: dict[str, tuple[File, ...]]
    modules: tuple[ModuleEntry, ...] = ()

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    def name(self) -> str:
        """The manifest's own address: sha256 of `to_bytes()`, stored at `o/<name>`."""
        return sha256(self.to_bytes())

    def whole(self, shards: Iterable[Shard]) -> "Manifest":
        """With all that the shards hold, for whoever looks at every lesson. It has another name than the stored one."""
        documents, pages, renditions = dict(self.documents), dict(self.pages), dict(self.renditions)
        files = {file.key: file for file in self.files}
        for shard in shards:
            documents |= shard.documents
            pages |= shard.pages
            renditions |= shard.renditions
            files |= {file.key: file for file in shard.files}
        ordered = tuple(files[key] for key in sorted(files))
        found = {"documents": documents, "pages": pages, "files": ordered, "renditions": renditions}
        return self.model_copy(update=found)


def assemble(name: str, read: Callable[[str], bytes | None]) -> tuple[Manifest | None, list[str]]:
    """The whole manifest of this name, and the keys of those of its own objects that are gone or do not hold the bytes
    that their names say. None if that is the manifest itself. `read` gives the bytes under a key, or None.
    """
    lost: list[str] = []
    top = _named(Manifest, name, read, lost)
    if top is None:
        return None, lost
    shards = [_named(Shard, module.shard, read, lost) for module in top.modules]
    return top.whole(shard for shard in shards if shard), lost


def _named(model: type[Stored], name: str, read: Callable[[str], bytes | None], lost: list[str]) -> Stored | None:
    data = read(f"o/{name}")
    try:
        if data is not None and sha256(data) == name:
            return model.model_validate_json(data)
    except ValidationError:
        pass
    lost.append(f"o/{name}")
    return None


class Pointer(BaseModel):
    """The one small mutable file of a course, at `c/<course>/current.json`.

    `generation` only ever grows, at rollback too. `signature` is Ed25519 over the canonical JSON of all other
    fields, base64url without padding; `key` is the first 16 hex digits of the sha256 of the public key. `standing`
    is absent while the course is open.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: Literal[1] = Field(default=1, alias="schema")
    course: UUID
    generation: int
    release: int
    manifest: str
    created_at: str
    standing: Literal["retired", "withdrawn", "gone"] | None = None
    key: str = ""
    signature: str = ""

    def payload(self) -> bytes:
        return canonical_json(self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"signature"}))

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump(mode="json", by_alias=True, exclude_none=True))


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The 32 raw bytes of the public key."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes_raw()


def key_name(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    return sha256(public_bytes(key))[:16]


def sign(pointer: Pointer, key: Ed25519PrivateKey) -> Pointer:
    """A copy of `pointer` with `key` and `signature` set."""
    named = pointer.model_copy(update={"key": key_name(key), "signature": ""})
    signature = base64.urlsafe_b64encode(key.sign(named.payload())).rstrip(b"=").decode()
    return named.model_copy(update={"signature": signature})


def verified(data: bytes, key: Ed25519PublicKey) -> Pointer:
    """The pointer in `data`, if its signature holds. Raises `StoreError` otherwise."""
    try:
        pointer = Pointer.model_validate_json(data)
        raw = base64.urlsafe_b64decode(pointer.signature + "=" * (-len(pointer.signature) % 4))
        key.verify(raw, pointer.payload())
    except (ValueError, InvalidSignature) as error:
        raise StoreError("The pointer's signature does not hold: it was not written by this school.") from error
    return pointer
