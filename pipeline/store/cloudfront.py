"""CloudFront before a store: what a distribution is, and what its edges shall forget."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from botocore import exceptions as boto

from pipeline.errors import StoreError
from pipeline.store.s3 import NO_KEYS, UNREACHED, client_of
from pipeline.store.s3_place import Place

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

Answer = TypeVar("Answer")

REGION = "us-east-1"  # CloudFront is one for the whole world, and is asked there
RIGHTS = "cloudfront:CreateInvalidation and cloudfront:GetDistribution"
BY_CODE = {
    "AccessDenied": f"it is not allowed: give these credentials {RIGHTS}",
    "NoSuchDistribution": "there is no such distribution: correct CLOUDFRONT_DISTRIBUTION_ID",
    "TooManyInvalidationsInProgress": "it works on as many as it can already; it is tried again by itself",
    "Throttling": "it is asked too often; it is tried again by itself",
    "ThrottlingException": "it is asked too often; it is tried again by itself",
    "InvalidClientTokenId": "it does not know the access key: check the credentials",
    "SignatureDoesNotMatch": "the signature does not hold: check the credentials and the clock of this machine",
    "ExpiredToken": "the credentials have expired: give this machine fresh ones",
}


@dataclass(frozen=True)
class Seen:
    """A distribution as it stands: `names` are all that it answers to, its own first."""

    names: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True)
class Distribution:
    """One distribution and who asks. What is empty is for boto3 to find (environment, profile, role)."""

    name: str
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"CloudFront distribution {self.name}"

    def invalidate(self, paths: list[str], reference: str) -> None:
        """Tell the edges to forget `paths`. The same `reference` with the same paths is one request, however often it
        is sent. Raises StoreError with a sentence.
        """
        batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": reference}
        self._ask(
            "Invalidating",
            lambda client: client.create_invalidation(
                DistributionId=self.name,
                InvalidationBatch=batch,  # type: ignore[arg-type]
            ),
        )

    def look(self) -> Seen:
        """What it is. Raises StoreError with a sentence if it is not there or does not answer."""
        answer = self._ask("Asking", lambda client: client.get_distribution(Id=self.name))["Distribution"]
        config = answer["DistributionConfig"]
        return Seen((answer["DomainName"], *config.get("Aliases", {}).get("Items", [])), config["Enabled"])

    def _ask(self, doing: str, act: "Callable[[CloudFrontClient], Answer]") -> Answer:
        place = Place(region=REGION, access_key=self.access_key, secret_key=self.secret_key)
        try:
            return act(client_of(os.getpid(), "cloudfront", place))
        except boto.ClientError as error:
            code = error.response["Error"].get("Code", "")
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            cause = (
                BY_CODE.get(code) or f"it does not answer as it should ({status} {code}); it is tried again by itself"
            )
        except NO_KEYS:
            cause = "no credentials were found: give this machine a role, or AWS_ACCESS_KEY_ID and its secret"
        except UNREACHED:
            cause = "it cannot be reached: look at the network; it is tried again by itself"
        except boto.BotoCoreError as error:
            cause = str(error).rstrip(".")
        raise StoreError(f"{doing} failed at {self}: {cause}.")
