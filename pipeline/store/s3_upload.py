"""A large file, part by part into a bucket: whole under its name or not there at all."""

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import StoreError
from pipeline.store.s3_place import Measured, checksum

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

log = logging.getLogger(__name__)

PART = 8 * 1024 * 1024  # bytes that are in memory at a time; S3 takes parts of 5 MiB or more
PARTS = 10_000  # the most that one upload may have
Ask = Callable[..., Any]  # ask(doing, operation, **what): the bucket is added, failures are StoreErrors


def upload(ask: Ask, client: "S3Client", name: str, path: Path, measured: Measured, told: dict[str, Any]) -> None:
    """Create the object `name`; refused, as a StoreError, if it is there already.

    Nothing of it is left if that fails. A process that is killed leaves parts, which `abandon` removes later. Two ends
    in the same moment are refused to one of them by S3, and by SeaweedFS 4.48 to neither (seen: 39 of 60 races). Both
    have sent the same bytes then: whatever is large has a key that is made of its content.
    """
    doing = f"Writing {name}"
    begun = ask(doing, client.create_multipart_upload, Key=name, ChecksumAlgorithm="SHA256", **told)
    this = {"Key": name, "UploadId": begun["UploadId"]}
    try:
        parts, whole = list[dict[str, Any]](), hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(max(PART, -(-measured.bytes // PARTS))):
                whole.update(piece)
                part = {"PartNumber": len(parts) + 1, "ChecksumSHA256": checksum(piece)}
                answer = ask(doing, client.upload_part, Body=piece, **this, **part)
                parts.append({**part, "ETag": answer["ETag"]})
        if whole.hexdigest() != measured.sha256:
            raise StoreError(f"{path.name} was changed while it was being written to {name}; write it again.")
        ask(doing, client.complete_multipart_upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*", **this)
    except BaseException:
        abandon(ask, client, **this)
        raise


def abandon(ask: Ask, client: "S3Client", **this: str) -> None:
    """End an upload that will not be finished. If even that fails it stays to be found by `clear_half_written`."""
    try:
        ask(f"Ending an upload of {this['Key']}", client.abort_multipart_upload, **this)
    except StoreError as error:
        log.warning("%s Its parts are removed a day later.", error)
