"""Which paths an edge has to forget, and how few requests say so."""

from hypothesis import given
from hypothesis import strategies as some

from pipeline.edge_paths import MOST, WILDCARDS, merged, paths_of
from tests.pipeline.distribution import covers

PARTS = some.lists(some.sampled_from("abcdefgh"), min_size=1, max_size=4)
KEYS = some.sets(PARTS.map("/".join) | PARTS.map(lambda parts: "/".join([*parts, "index.html"])), max_size=200)
BASES = some.sampled_from(["", "/of", "/school/of"])


def test_a_page_is_its_file_and_its_folder() -> None:
    assert paths_of("courses/x/index.html") == {"/courses/x/index.html", "/courses/x/"}
    assert paths_of("index.html") == {"/index.html", "/"}
    assert paths_of("index.html", "/school") == {"/school/index.html", "/school/"}
    assert paths_of("c/1/current.json") == {"/c/1/current.json"}
    assert paths_of("courses/x/my-index.html") == {"/courses/x/my-index.html"}


def lessons(count: int, course: str = "statistics") -> set[str]:
    return {path for number in range(count) for path in paths_of(f"courses/{course}/{number}/index.html")}


def test_few_paths_stay_as_they_are() -> None:
    paths = lessons(10) | {"/c/1/current.json", "/", "/index.html"}
    assert merged(paths) == sorted(paths)


def test_many_pages_of_a_course_are_its_folder() -> None:
    assert merged(lessons(300) | {"/c/1/current.json", "/"}) == ["/", "/c/1/current.json", "/courses/statistics/*"]


def test_many_courses_are_the_folder_of_all_of_them() -> None:
    paths = {path for number in range(40) for path in lessons(2, f"course-{number}")}
    pointers = {f"/c/{number}/current.json" for number in range(40)}
    assert merged(paths | pointers | {"/catalogue.json"}) == ["/c/*", "/catalogue.json", "/courses/*"]


def test_a_film_is_one_path_and_no_other_film_is_touched() -> None:
    segments = {f"/m/film/{rung}/{number}.m4s" for rung in "ab" for number in range(500)}
    assert merged(segments | {"/o/cover"}) == ["/m/film/*", "/o/cover"]


def test_a_site_below_a_path_keeps_within_it() -> None:
    paths = {f"/school{path}" for path in lessons(300)} | {f"/school/{number}.html" for number in range(100)}
    assert merged(paths, "/school") == ["/school/*"]


@given(KEYS, BASES)
def test_nothing_is_left_out_and_never_too_much_is_asked(keys: set[str], base: str) -> None:
    paths = {path for key in keys for path in paths_of(key, base)}
    found = merged(paths, base)
    assert all(covers(set(found), path) for path in paths)
    assert len(found) <= MOST
    assert sum(path.endswith("*") for path in found) <= WILDCARDS
    assert all("*" not in path[:-1] and path.startswith(f"{base}/") for path in found), "as CloudFront takes them"
    assert len(paths) > MOST or found == sorted(paths)


@given(KEYS, KEYS, BASES)
def test_what_was_merged_may_be_merged_again(first: set[str], second: set[str], base: str) -> None:
    one, other = (merged({path for key in keys for path in paths_of(key, base)}, base) for keys in (first, second))
    both = merged([*one, *other], base)
    assert all(covers(set(both), path) for path in [*one, *other])
    assert merged(both, base) == both
