"""The people of the demo: one of each role, with one password that is made once and kept among the secrets."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from api.accounts.models import User

LETTERS = "bcdfghjkmnpqrstvwxyz"  # none that is read as another, and no words by accident


@dataclass(frozen=True)
class Person:
    """`group` is their role in the CMS; a student has none."""

    name: str
    group: str
    does: str
    superuser: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.org"


ADA = Person("Ada", "Instructor", "instructor: writes and submits, cannot publish")
EDNA = Person("Edna", "Editor", "editor: reviews, approves, rolls back")
ROOT = Person("Root", "Admin", "admin", superuser=True)
SAM = Person("Sam", "", "student, half-way through the demo course")
CAST = (ADA, EDNA, ROOT, SAM)


def welcome() -> list[str]:
    """Make whoever is missing; their names. Who is there already keeps everything, a changed password too."""
    word = password()
    return [person.name for person in CAST if _made(person, word)]


def user(person: Person) -> User:
    return User.objects.get(email=person.email)


def password() -> str:
    """The password of all four, in three groups of four letters (52 bits)."""
    path = Path(settings.VAR_DIR) / "secrets" / "demo_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text("-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)))
        try:
            os.link(fresh, path)  # refuses to replace: two first runs at once end with one password
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def _made(person: Person, word: str) -> bool:
    with transaction.atomic():
        if User.objects.filter(email=person.email).exists():
            return False
        make = User.objects.create_superuser if person.superuser else User.objects.create_user
        made = make(person.email, word, display_name=person.name, first_name=person.name)
        if person.group:
            made.groups.add(Group.objects.get(name=person.group))
        # Whoever signs up proves their address by a code; nobody reads the mail of example.org.
        EmailAddress.objects.create(user=made, email=person.email, verified=True, primary=True)
    return True
