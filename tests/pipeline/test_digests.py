"""The same value gives the same bytes and the same name everywhere."""

import enum
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digests import canonical_json, digest, sha256, sha256_file, slow_canonical_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Half a surrogate pair is no character: it cannot be written as UTF-8.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


class ChangeKind(enum.StrEnum):
    MOVED = "moved"


def test_keys_are_sorted_and_nothing_is_escaped_that_need_not_be() -> None:
    assert canonical_json({"b": [1, 2.5, None, True], "a": "é ✓\n"}) == '{"a":"é ✓\\n","b":[1,2.5,null,true]}'.encode()


def test_the_order_of_a_dict_does_not_show() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest([1, 2]) != digest([2, 1])


@given(VALUES)
def test_canonical_json_reads_back_and_is_its_own_canonical_form(value: object) -> None:
    data = canonical_json(value)
    assert json.loads(data) == value
    assert canonical_json(json.loads(data)) == data


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": number})


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical_json("\ud83d")


def test_names_are_sha256_of_the_bytes(tmp_path: Path) -> None:
    # The value of the empty string in FIPS 180-4's example vectors.
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    file = tmp_path / "file"
    file.write_bytes(b"x" * 2_000_000)
    assert sha256_file(file) == sha256(b"x" * 2_000_000)


@given(
    st.recursive(
        VALUES
        | st.floats()
        | st.text()
        | st.uuids()
        | st.dates()
        | st.sampled_from(ChangeKind)
        | st.tuples(st.floats(), st.none()),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.text(), inner)
            | st.dictionaries(st.integers() | st.booleans() | st.none() | st.floats(), inner)
        ),
        max_leaves=10,
    )
)
def test_the_quick_way_writes_what_the_standard_library_writes_or_refuses(value: object) -> None:
    try:
        expected: object = slow_canonical_json(value)
    except (TypeError, ValueError) as error:
        expected = type(error)
    try:
        found: object = canonical_json(value)
    except (TypeError, ValueError) as error:
        found = type(error)
    assert found == expected


@pytest.mark.parametrize(
    "number",
    [1e-7, 9.9999e-5, 1.5e-5, 1e-4, 0.1, -0.0, 5e-324, 9999999999999998.0, 1e16, 1.5e300, 2**63, 2**64, -(2**63) - 1],
)
def test_numbers_are_written_as_python_writes_them(number: float) -> None:
    assert canonical_json([number, -number]) == slow_canonical_json([number, -number])


def test_a_usual_document_goes_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("pipeline.digests.slow_canonical_json")
    assert canonical_json({"b": [1, 0.25, 3.0, None, True, -0.0], "a": "é\x1f\x7f\u2028"})
