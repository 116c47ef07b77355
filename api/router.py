"""The API of learners, version 1."""

from ninja import NinjaAPI

api = NinjaAPI(title="Lectern", version="1.0.0", urls_namespace="v1")
