"""A frozen course in parts: put together it is what it was, and one edit is one new part."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from content.models import Module
from pipeline import frozen_parts
from pipeline.digests import canonical_json, sha256
from pipeline.errors import PipelineError
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenModule, FrozenPage, FrozenPageLink, FrozenPerson
from pipeline.frozen_tree import CourseTree, ModulePart, digest, join, split
from pipeline.models import Candidate, FrozenPart
from tests.pipeline import course_factory as school

ROOT = Path(__file__).parents[2]


def file(number: int) -> FrozenFile:
    return FrozenFile(sha256=f"{number:064x}", name=f"{number}.png", title="", bytes=1, width=1, height=1)


def page(number: int, words: str, shows: set[int], leads: set[int], **fields: Any) -> FrozenPage:
    body = [{"type": "text", "id": "t", "value": f"<p>{words}</p>"}]
    body += [{"type": "image", "id": f"i{one}", "value": {"image": one, "alt": ""}} for one in sorted(shows)]
    told = "".join(f'<a linktype="page" id="{one}">x</a>' for one in sorted(leads))
    body.append({"type": "text", "id": "l", "value": f"<p>{told}</p>"})
    return FrozenPage(
        page_id=number, uuid=UUID(int=number), slug=f"p{number}", title=words, fields={"body": body, **fields}
    )


words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
ids = st.sets(st.integers(1, 6), max_size=3)


@st.composite
def courses(draw: Any) -> FrozenCourse:
    """Any files and links as long as something uses them, which is so of every frozen course."""
    made = iter(range(100, 1000))
    shapes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    used, led = set[int](), set[int]()

    def one(**fields: Any) -> FrozenPage:
        shows, leads = draw(ids), draw(ids)
        used.update(shows)
        led.update(leads)
        return page(next(made), draw(words), shows, leads, **fields)

    cover = draw(st.none() | st.integers(1, 6))
    portrait = draw(st.none() | st.integers(1, 6))
    course = one(cover=cover)
    modules = tuple(FrozenModule(page=one(), lessons=tuple(one() for _ in range(count))) for count in shapes)
    used |= {number for number in (cover, portrait) if number}
    kept = {number for number in led if draw(st.booleans())}  # a link may lead nowhere
    key = f"image/{portrait}" if portrait else None
    person = FrozenPerson(uuid=UUID(int=7), name="Ada", headline="", bio="", portrait=key, portrait_alt="")
    return FrozenCourse(
        course=UUID(int=1),
        page=course,
        modules=modules,
        files={f"image/{number}": file(number) for number in used},
        instructors=(person,),
        prerequisites=(),
        links={str(number): FrozenPageLink(course_slug="c", lesson_slug="l", title=f"{number}") for number in kept},
    )


@given(courses())
def test_put_together_it_is_what_it_was(frozen: FrozenCourse) -> None:
    tree, parts = split(frozen)
    assert join(tree, parts) == frozen
    assert all(sha256(data) == name for name, data in parts.items())
    assert CourseTree.model_validate_json(tree.to_bytes()) == tree
    assert split(join(tree, parts)) == (tree, parts)


@given(courses(), st.data(), words)
def test_an_edit_changes_its_part_its_modules_and_the_tree_and_nothing_else(
    frozen: FrozenCourse, data: Any, said: str
) -> None:
    place = data.draw(st.integers(0, len(frozen.modules) - 1))
    module = frozen.modules[place]
    which = data.draw(st.integers(0, len(module.lessons) - 1))
    old = module.lessons[which]
    edited = old.model_copy(update={"title": f"{old.title}{said}!"})
    lessons = (*module.lessons[:which], edited, *module.lessons[which + 1 :])
    changed = module.model_copy(update={"lessons": lessons})
    after = frozen.model_copy(update={"modules": (*frozen.modules[:place], changed, *frozen.modules[place + 1 :])})
    (tree, parts), (new_tree, new_parts) = split(frozen), split(after)
    assert new_tree.digest() != tree.digest()
    assert len(new_parts.keys() - parts.keys()) == len(parts.keys() - new_parts.keys()) == 2
    fresh = [new_parts[name] for name in new_parts.keys() - parts.keys()]
    assert sorted(b'"lessons":' in one for one in fresh) == [False, True]
    assert [leaf.uuid for leaf in new_tree.modules] == [leaf.uuid for leaf in tree.modules]
    assert [a == b for a, b in zip(tree.modules, new_tree.modules, strict=True)].count(False) == 1
    assert new_tree.model_copy(update={"modules": tree.modules}) == tree


CHILD = """
import sys
from pipeline.frozen import FrozenCourse
from pipeline.frozen_tree import split

tree, parts = split(FrozenCourse.model_validate_json(sys.stdin.buffer.read()))
print(tree.digest(), sorted(parts))
"""


def test_any_hash_seed_gives_the_same_bytes() -> None:
    shows, leads = set(range(1, 7)), set(range(1, 5))
    frozen = FrozenCourse(
        course=UUID(int=1),
        page=page(1, "All", shows, leads, cover=3),
        modules=(FrozenModule(page=page(2, "One", shows, leads), lessons=(page(3, "First", shows, leads),)),),
        files={f"image/{number}": file(number) for number in shows},
        instructors=(),
        prerequisites=(),
        links={str(number): FrozenPageLink(course_slug="c", lesson_slug=None, title="x") for number in leads},
    )
    told = set()
    for seed in ("1", "2", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            input=frozen.model_dump_json().encode(),
            capture_output=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
        )
        told.add(done.stdout)
    (only,) = told
    assert only.decode().split()[0] == digest(frozen)


@pytest.mark.django_db
def test_a_part_is_kept_once_and_a_lost_one_is_told_of() -> None:
    course = school.make_course(lessons=3, modules=2)
    first = school.submit(course)
    assert FrozenPart.objects.count() == 8
    Candidate.objects.filter(pk=first.pk).update(state=Candidate.State.WITHDRAWN)
    school.rewrite(school.lessons(course)[0], "Another word.")
    second = school.submit(course)
    assert FrozenPart.objects.count() == 10
    assert first.frozen().modules[1] == second.frozen().modules[1]
    gone = FrozenPart.objects.filter(content__contains="Another word.")
    name = gone.get().digest
    gone.delete()
    with pytest.raises(PipelineError, match=rf"1 parts of a candidate are gone from the database, {name} among them"):
        second.frozen()
    assert first.frozen()


@pytest.mark.django_db
def test_what_holds_words_is_found_in_trees_modules_and_lessons() -> None:
    course, other = school.make_course(lessons=2, modules=2), school.make_course("Algebra", lessons=1)
    school.rewrite(school.lessons(course)[3], "Zebras here.")
    school.edit(Module.objects.descendant_of(course).first(), summary="Quaggas there.")
    school.edit(course, summary="Okapis above.")
    first, foreign = school.submit(course), school.submit(other)
    Candidate.objects.filter(pk=first.pk).update(state=Candidate.State.WITHDRAWN)
    school.rewrite(school.lessons(course)[3], "Nothing here.")
    second = school.submit(course)
    every = Candidate.objects.all()
    assert frozen_parts.holding("Zebras here.", every) == {first.pk}
    assert frozen_parts.holding("Zebras here.", every.filter(pk=second.pk)) == set()
    assert frozen_parts.holding("Quaggas there.", every) == {first.pk, second.pk}
    assert frozen_parts.holding("Okapis above.", every) == {first.pk, second.pk}
    assert frozen_parts.holding("Algebra", every) == {foreign.pk}


@pytest.mark.django_db
def test_candidates_of_one_piece_are_taken_apart() -> None:
    course = school.make_course(lessons=2, modules=2)
    made = school.submit(course)
    frozen, content, name = made.frozen(), made.content, made.digest
    old = canonical_json(frozen.model_dump(mode="json") | {"schema_": 1}).decode()
    Candidate.objects.filter(pk=made.pk).update(content=old, digest=sha256(old.encode()))
    FrozenPart.objects.all().delete()
    for _ in range(2):  # a second time it finds nothing to do
        import_module("pipeline.migrations.0006_frozen_parts").take_apart(apps, None)
        made.refresh_from_db()
        assert (made.content, made.digest, made.frozen()) == (content, name, frozen)
    modules = frozen_parts.modules(course.uuid, [leaf.part for leaf in made.tree().modules])
    assert all(isinstance(part, ModulePart) and len(part.lessons) == 2 for part in modules.values())
