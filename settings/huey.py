"""The queue: SQLite beside the database, or Redis where `REDIS_URL` says so. It is a doorbell, never the truth."""

from pathlib import Path

from huey import RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer

from settings import env


def queue(folder: Path, secret: str) -> SqliteHuey | RedisHuey:
    """The huey of this installation. Messages are signed: whoever can write the queue file cannot run code with it."""
    serializer = SignedSerializer(secret=secret, salt="lectern.queue")
    address = env.text("REDIS_URL", "")
    if address:
        return RedisHuey("lectern", url=address, serializer=serializer, results=False)
    return SqliteHuey("lectern", filename=str(folder / "queue.sqlite3"), serializer=serializer, results=False)
