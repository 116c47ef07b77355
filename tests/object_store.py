"""A real S3 server for tests: SeaweedFS out of its wheel, on this machine alone, started when first asked for."""

import atexit
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.store.s3_place import Place

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

WEED = Path(sys.executable).parent / "weed"
ACCESS_KEY, SECRET_KEY = "school", "a secret of the school"
BUCKET = "school"


@dataclass(frozen=True)
class ObjectStore:
    """A running server. `environment` is what a process needs to use a bucket of it."""

    endpoint: str
    access_key: str
    secret_key: str
    pid: int

    def place(self) -> Place:
        """A place of its own. All of them lie in one bucket: the server sets volumes aside for each."""
        return Place(BUCKET, f"{uuid4().hex}/", self.endpoint, "us-east-1", self.access_key, self.secret_key)

    def environment(self, place: Place) -> dict[str, str]:
        return {
            "LECTERN_STORE": str(place).rstrip("/"),
            "S3_ENDPOINT_URL": place.endpoint,
            "S3_REGION": place.region,
            "S3_ACCESS_KEY_ID": place.access_key,
            "S3_SECRET_ACCESS_KEY": place.secret_key,
        }


@cache
def object_store() -> ObjectStore:
    """The server of this test process, which ends with it."""
    folder = Path(tempfile.mkdtemp(prefix="lectern-objects-"))
    identity = {"name": "school", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    (folder / "s3.json").write_text(json.dumps({"identities": [identity | {"actions": actions}]}))
    ports = free_ports(4)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command(folder, *ports),
            cwd=folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(end, server, folder, os.getpid())
    endpoint = f"http://127.0.0.1:{ports[3]}"
    until_it_answers(server, endpoint, folder / "log")
    return ObjectStore(endpoint, ACCESS_KEY, SECRET_KEY, server.pid)


def command(folder: Path, master: int, volume: int, filer: int, s3: int) -> list[str]:
    (folder / "data").mkdir()
    return [
        str(WEED),
        "server",
        "-dir=data",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-master.port={master}",
        f"-volume.port={volume}",
        "-filer",
        f"-filer.port={filer}",
        "-s3",
        f"-s3.port={s3}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.config=s3.json",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=20",
    ]


def die_with_the_parent() -> None:
    """A test process that is killed cannot end its server."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def free_ports(count: int) -> list[int]:
    """Free ports below 50000 whose neighbours 10000 above, which the server takes for gRPC, are free too."""
    found: list[int] = []
    for port in range(20_000 + os.getpid() % 20_000, 50_000):
        if len(found) < count and is_free(port) and is_free(port + 10_000):
            found.append(port)
    return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def client(endpoint: str) -> "S3Client":
    """A client that tries once."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10),
    )


def until_it_answers(server: "subprocess.Popen[bytes]", endpoint: str, log: Path) -> None:
    """A first object is written and read: the port is open seconds before that succeeds."""
    probe, end_ = client(endpoint), time.monotonic() + 90
    while time.monotonic() < end_ and server.poll() is None:
        try:
            probe.create_bucket(Bucket=BUCKET)
            probe.put_object(Bucket=BUCKET, Key="first", Body=b"1")
        except (BotoCoreError, ClientError):
            time.sleep(0.1)  # between two questions to another process
        else:
            return
    raise AssertionError(f"SeaweedFS did not start:\n{log.read_text(errors='replace')[-4000:]}")


def end(server: "subprocess.Popen[bytes]", folder: Path, owner: int) -> None:
    """Killed, because asked politely it takes a minute. A child of the test process ends nothing."""
    if os.getpid() != owner:
        return
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)
