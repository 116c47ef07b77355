"""The page at /v1/docs: the OpenAPI document as plain HTML, with no script and nothing from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Pages(DocsBase):
    """ninja's own pages load a script from a public CDN, which could then act as whoever reads the page."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:  # noqa: ARG002  # as ninja calls it
        schema = api.get_openapi_schema()
        routes = [
            {"method": method.upper(), "path": path, "open": "security" not in operation, **operation}
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        ]
        response = render(request, "api/docs.html", {"info": schema["info"], "routes": routes})
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return response
