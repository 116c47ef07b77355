"""Small real uploads."""

import io

from django.core.files.base import ContentFile
from PIL import Image

from api.models import User
from content.models import Attachment, ImageOriginal, Video


def png(colour: str = "teal", size: tuple[int, int] = (64, 36)) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, colour).save(drawn, "PNG")
    return drawn.getvalue()


def image(owner: User, title: str = "Figure", colour: str = "teal") -> ImageOriginal:
    file = ContentFile(png(colour), f"{title.lower()}.png")
    return ImageOriginal.objects.create(title=title, file=file, uploaded_by_user=owner, width=64, height=36)


def attachment(owner: User, title: str = "Paper") -> Attachment:
    return Attachment.objects.create(
        title=title, file=ContentFile(b"%PDF-1.4 paper", "paper.pdf"), uploaded_by_user=owner
    )


def video(owner: User, title: str = "Storm") -> Video:
    return Video.objects.create(
        title=title, file=ContentFile(b"a film", "storm.mp4"), uploaded_by_user=owner, type="video"
    )
