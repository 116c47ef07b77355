"""Where a school's published bytes lie."""

from pathlib import Path

from django.conf import settings

from pipeline.store.base import Store
from pipeline.store.disk import DiskStore
from pipeline.store.s3_place import Place, place_at


def the_store() -> Store:
    """The store of this installation, as the setting LECTERN_STORE says: a folder, or `s3://bucket/prefix`."""
    address = settings.LECTERN_STORE
    if isinstance(address, Path):
        return DiskStore(address)
    # Whoever serves from a folder need not wait for boto3 to load.
    from pipeline.store.s3 import S3Store

    return S3Store(the_place(address))


def the_place(address: str) -> Place:
    """A bucket of this installation, or no bucket but who asks, if `address` is empty."""
    return place_at(
        address,
        endpoint=settings.S3_ENDPOINT_URL,
        region=settings.S3_REGION,
        access_key=settings.S3_ACCESS_KEY_ID,
        secret_key=settings.S3_SECRET_ACCESS_KEY,
    )
