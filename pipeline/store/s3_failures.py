"""What a failure of a bucket is, with a sentence that says what to do about it."""

from pipeline.errors import StoreError


class Refused(StoreError):
    """412: the condition does not hold."""


class Conflict(StoreError):
    """409: somebody is writing the same key at this moment."""


class Absent(StoreError):
    """404 of a key or of an upload, not of a bucket."""


class OutOfRange(StoreError):
    """416: the file ends before the range begins."""


class BrokenOff(StoreError):
    """An answer began and did not end whole."""


KINDS = {404: Absent, 409: Conflict, 412: Refused, 416: OutOfRange}

# By the server's own code first: one status stands for several causes.
BY_CODE = {
    "InvalidAccessKeyId": "it does not know the access key: check S3_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the signature does not hold: check S3_SECRET_ACCESS_KEY and S3_REGION",
    "AuthorizationHeaderMalformed": "the bucket lies in another region: set S3_REGION to it",
    "PermanentRedirect": "the bucket lies in another region: set S3_REGION to it",
    "ExpiredToken": "the credentials have expired: give this machine fresh ones",
    "RequestTimeTooSkewed": "the clock of this machine is more than fifteen minutes off: set it right (NTP)",
    "NoSuchBucket": "there is no such bucket: make it, or correct LECTERN_STORE",
    "InvalidBucketName": "a bucket cannot have this name: correct LECTERN_STORE",
    "BadDigest": "the bytes arrived damaged and were not kept; it is tried again by itself",
    "XAmzContentChecksumMismatch": "the bytes arrived damaged and were not kept; it is tried again by itself",
    "XAmzContentSHA256Mismatch": "the bytes arrived damaged and were not kept; it is tried again by itself",
    "NoSuchUpload": "the upload was ended by somebody else; it is tried again by itself",
    "NotImplemented": "it does not know what Lectern needs: use a server with conditional writes (manage.py doctor)",
    "QuotaExceeded": "the bucket is full: make room, or raise its quota",
}
RIGHTS = "s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket and s3:AbortMultipartUpload"
BY_STATUS = {
    403: f"it is not allowed: give these credentials {RIGHTS} on the bucket, and look whether they are right",
    404: "there is nothing of that name: look whether the bucket is there, and LECTERN_STORE right",
    409: "somebody else is writing the same key; it is tried again by itself",
    412: "somebody else has written the same key; it is tried again by itself",
    416: "the range lies outside the file",
    429: "it is asked too often; it is tried again by itself",
    507: "the server's disk is full: make room",
}
# 500, 502, 503, 504 and what nobody has met yet.
AWAY = "it does not answer as it should; nothing is lost, and it is tried again by itself"

NO_KEYS = "no credentials were found: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or give this machine a role"
UNREACHED = "it cannot be reached: look at the network and at S3_ENDPOINT_URL; it is tried again by itself"
DAMAGED = "the bytes arrived damaged; it is tried again by itself"


def answered(where: object, doing: str, status: int, code: str) -> StoreError:
    """What an answer with this status and error code means. `doing` begins a sentence, as in "Writing o/a"."""
    known = BY_CODE.get(code)
    cause = known or f"{BY_STATUS.get(status, AWAY)} ({f'{status} {code}'.strip()})"
    kind = KINDS.get(status, StoreError) if code != "NoSuchBucket" else StoreError
    return kind(f"{doing} failed at {where}: {cause}.")


def unconditional(where: object, condition: str) -> StoreError:
    """A server that would let two workers overwrite each other."""
    return StoreError(
        f"{where} ignores {condition}, so that two workers could overwrite each other. Lectern does not write there: "
        "use a server that honours conditional writes, and ask `manage.py doctor`."
    )
