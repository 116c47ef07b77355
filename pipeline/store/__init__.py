"""Where a school's published bytes lie."""

from django.conf import settings

from pipeline.store.base import Store
from pipeline.store.disk import DiskStore


def the_store() -> Store:
    """The store of this installation: the folder of the setting LECTERN_STORE."""
    return DiskStore(settings.LECTERN_STORE)
