"""What the pipeline makes of uploaded images and videos: progress, failures in a sentence, and another try."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages

from cms import workflow
from cms.heading import heading
from cms.whole import whole
from pipeline.models import Rendition
from pipeline.renditions import again

UNFINISHED = (Rendition.State.WANTED, Rendition.State.WORKING)
ORDER: dict[str, int] = {
    Rendition.State.FAILED: 0,
    Rendition.State.WORKING: 1,
    Rendition.State.WANTED: 2,
    Rendition.State.READY: 3,
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Videos first, failures and unfinished ones on top. `?part=1` answers with the table alone, for refreshing."""
    rows = sorted(
        Rendition.objects.defer("output").order_by("-id")[:500], key=lambda row: (row.kind != "video", ORDER[row.state])
    )
    page = Paginator(rows, 50).get_page(request.GET.get("p"))
    context: dict[str, Any] = {
        "page": page,
        "unfinished": any(row.state in UNFINISHED for row in page),
        "may_retry": workflow.reviews(request.user),
        **heading("Renditions", "media"),
    }
    template = "cms/reports/_renditions_table.html" if request.GET.get("part") else "cms/reports/renditions.html"
    return render(request, template, context)


@require_POST
@whole
def retry(request: HttpRequest, rendition: int) -> HttpResponse:
    """Set a failed rendition back to waiting, and ring for it."""
    if not workflow.reviews(request.user):
        raise PermissionDenied
    row = get_object_or_404(Rendition, pk=rendition)
    if again(row.pk):
        messages.success(request, f"“{row.name}” is tried again.")
    return redirect("cms_renditions")
