"""Registering and proving who one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.identity.users.domain import (
    TooManyAttempts,
    User,
    WrongCredentials,
    address_of,
    check_password,
)

Result = TypeVar("Result")


class Transaction(Protocol):
    """Runs work that is stored together or not at all."""

    def __call__(self, work: Callable[[], Result], /) -> Result:
        """Return what ``work`` returns; it may run several times."""
        ...


class Users(Protocol):
    """The people who registered, wherever they are kept."""

    def get(self, user_id: str) -> User:
        """Raise ``UserNotFound`` rather than return None."""
        ...

    def find(self, email: str) -> User | None:
        """The user known under this address, spelled as ``address_of`` does."""
        ...

    def save(self, decision: Decision[User]) -> User:
        """Store the user, or raise ``Conflict``; also when the address is taken."""
        ...


class PasswordHasher(Protocol):
    """Turns passwords into hashes that are slow to guess from."""

    def hash(self, password: str) -> str:
        """Hash under today's cost. Slow on purpose: keep it out of transactions."""
        ...

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they belong together; for None, False after just as long."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made at another cost than today's."""
        ...


class Attempts(Protocol):
    """Failed attempts to log in, by address and by origin."""

    def wait_seconds(self, email: str, origin: str, now: datetime) -> int:
        """How long this address or origin has to wait; 0 for not at all."""
        ...

    def failed(self, email: str, origin: str, now: datetime) -> None:
        """Remember one failure."""
        ...

    def succeeded(self, email: str) -> None:
        """Forget the failures of this address."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A person's wish to be known here."""

    email: str
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody offers as proof of who they are, and the address they call from."""

    email: str
    password: str = field(repr=False)
    origin: str


def register(
    command: Register,
    *,
    users: Users,
    hasher: PasswordHasher,
    transaction: Transaction,
    ids: Ids,
    now: datetime,
) -> User:
    """Make the user, or answer the one who has this address already, unchanged.

    The caller must not tell the two apart to anybody: who is known here is private. Both
    hash once and write once, so that the time taken does not tell either.
    """
    email = address_of(command.email)
    check_password(command.password, email=email, name=command.name)
    user = User(
        id=ids("usr"),
        email=email,
        name=command.name.strip(),
        password_hash=hasher.hash(command.password),
        registered_at=now,
    )
    return transaction(lambda: users.save(Decision(users.find(email) or user)))


def authenticate(
    offered: Credentials,
    *,
    users: Users,
    hasher: PasswordHasher,
    attempts: Attempts,
    transaction: Transaction,
    now: datetime,
) -> User:
    """The user these credentials belong to.

    Raises ``WrongCredentials`` in the same words and the same time whether the address
    or the password is wrong, and ``TooManyAttempts`` before looking at either. A hash of
    an older cost is renewed on the way.
    """
    email = address_of(offered.email)
    if wait := attempts.wait_seconds(email, offered.origin, now):
        raise TooManyAttempts(f"wait {wait} seconds", retry_after_seconds=wait)
    user = users.find(email)
    if not hasher.verify(user.password_hash if user else None, offered.password) or user is None:
        attempts.failed(email, offered.origin, now)
        raise WrongCredentials
    attempts.succeeded(email)
    if not hasher.is_outdated(user.password_hash):
        return user
    renewed = user.rehashed(hasher.hash(offered.password))
    return transaction(lambda: users.save(renewed))
