"""A CloudFront distribution for tests: moto's, asked through boto3 as the real one is."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
from moto import mock_aws
from pytest_django import Settings

from pipeline.store.cloudfront import REGION
from pipeline.store.s3 import client_of
from pipeline.store.s3_place import Place

KEYS = {"access_key": "school", "secret_key": "a secret of the school"}
HOST = "school.example"
ORIGIN = {"Id": "store", "DomainName": "school.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}


class Distribution:
    """One distribution, and what it was asked."""

    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self.client = client

    def taken(self) -> list[tuple[str, list[str]]]:
        """(CallerReference, paths) of each invalidation that it took, in the order of their coming."""
        listed = self.client.list_invalidations(DistributionId=self.name)["InvalidationList"].get("Items", [])
        found = [self.client.get_invalidation(DistributionId=self.name, Id=one["Id"]) for one in listed]
        batches = [one["Invalidation"]["InvalidationBatch"] for one in found]
        return [(batch["CallerReference"], batch["Paths"]["Items"]) for batch in batches]

    def forgotten(self) -> set[str]:
        """Every path that its edges were told to forget."""
        return {path for _reference, paths in self.taken() for path in paths}

    def on(self, operation: str, hook: Callable[..., Any]) -> None:
        """Put `hook` before what the school asks, as `Answers` is."""
        mine = client_of(os.getpid(), "cloudfront", Place(region=REGION, **KEYS))
        mine.meta.events.register_first(f"before-call.cloudfront.{operation}", hook)


class Answers:
    """Answers instead of CloudFront, `times` times: it never hears of the request."""

    def __init__(self, status: int, code: str, times: int = 1000) -> None:
        self.left = times
        error = {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self.answer = (SimpleNamespace(status_code=status), error)

    def __call__(self, **_kwargs: Any) -> tuple[SimpleNamespace, dict[str, Any]] | None:
        if self.left == 0:
            return None
        self.left -= 1
        return self.answer


def covers(paths: set[str], path: str) -> bool:
    """Whether edges that forget `paths` forget `path`: as CloudFront reads them."""
    return any(path.startswith(one[:-1]) if one.endswith("*") else path == one for one in paths)


@contextmanager
def distribution(settings: Settings, **config: Any) -> Iterator[Distribution]:
    """A distribution that the settings name, until the end."""
    settings.S3_ENDPOINT_URL = ""
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = KEYS.values()
    settings.SITE_URL = f"https://{HOST}"
    with mock_aws():
        client_of.cache_clear()
        client: Any = boto3.session.Session().client(
            "cloudfront",
            region_name=REGION,
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
        )
        made = client.create_distribution(
            DistributionConfig={
                "CallerReference": "school",
                "Origins": {"Quantity": 1, "Items": [ORIGIN]},
                "DefaultCacheBehavior": {"TargetOriginId": "store", "ViewerProtocolPolicy": "redirect-to-https"},
                "Comment": "",
                "Enabled": True,
                "Aliases": {"Quantity": 1, "Items": [HOST]},
                **config,
            }
        )
        settings.CLOUDFRONT_DISTRIBUTION_ID = made["Distribution"]["Id"]
        yield Distribution(made["Distribution"]["Id"], client)
    client_of.cache_clear()
