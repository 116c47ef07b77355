"""Which paths a CDN's edges keep a key of the store under, and how many paths are said in few."""

from collections import Counter
from collections.abc import Iterable

PAGE = "index.html"
MOST = 30  # paths that are named one by one: each costs, and a page is two of them
# CloudFront works on at most 15 paths with a wildcard at once, and on 3,000 without:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html
WILDCARDS = 10
FEW = 2  # paths of one folder that no wildcard is worth while for


def paths_of(key: str, base: str = "") -> set[str]:
    """The paths at which readers may have asked for `key`; `base` is where the site lives, empty or `/some/path`.

    A page is two: its file, and its folder, as it stands in links. Which of them the edge remembers depends on whether
    it puts `index.html` in itself or leaves that to the origin.
    """
    path = f"{base}/{key}"
    folder, slash, name = path.rpartition("/")
    return {path, folder + slash} if name == PAGE else {path}


def merged(paths: Iterable[str], base: str = "") -> list[str]:
    """The same in few paths, sorted: where there are too many, whole folders (`/courses/statistics/*`).

    First the folders of a course or a film, then those at the top, at the very last everything. Merging what was merged
    already, with more, is allowed.
    """
    found = _uncovered(set(paths))
    for depth in (2, 1, 0):
        if sum(path.endswith("*") for path in found) <= WILDCARDS and len(found) <= MOST:
            break
        folders = {path: _folder(path, base, depth) for path in found}
        held = Counter(folders.values())
        found |= {folder for folder, count in held.items() if folder and (count > FEW or depth == 0)}
        found = _uncovered(found)
    return sorted(found)


def _folder(path: str, base: str, depth: int) -> str:
    """The wildcard for the folder that lies `depth` folders below the site's own; empty if `path` lies above it."""
    parts = path.removeprefix(f"{base}/").split("/")
    return "/".join([base, *parts[:depth], "*"]) if len(parts) > depth else ""


def _uncovered(paths: set[str]) -> set[str]:
    """Without those that a wildcard among them stands for. CloudFront's `*` stands for any number of characters."""
    wildcards = [path for path in paths if path.endswith("*")]
    return {
        path for path in paths if not any(path != wildcard and path.startswith(wildcard[:-1]) for wildcard in wildcards)
    }
