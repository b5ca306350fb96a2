"""Identity's ports in memory, and valid things to start a test from."""

from __future__ import annotations

import itertools
from dataclasses import replace

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from chassis.permissions import Kind
from chassis.testing.clock import START
from services.identity.keys.domain import KeyRing, SigningKey
from services.identity.organizations.domain import Organization, OrganizationNotFound, found
from services.identity.tokens.domain import Session, SessionOver
from services.identity.users.domain import User, UserNotFound

FOUNDER = "usr_01m80t6qxcevrs0fn3mtvw1bjz"
ORGANIZATION = "org_01m80t6qxcevrs0fn3mtvw1bjz"


def at_once(work):
    """A ``Transaction`` for state that needs none."""
    return work()


def counting_ids():
    """Ids in order: ``usr_1``, ``ses_2``."""
    numbers = itertools.count(1)
    return lambda prefix: f"{prefix}_{next(numbers)}"


def an_organization(**changes) -> Organization:
    given = {"kind": Kind.BRAND, "name": "Hairpins", "city": "Beijing", "founder_id": FOUNDER}
    return found(ORGANIZATION, at=START, **given | changes).state


class FakeUsers:
    """``Users`` in a dict."""

    def __init__(self, *users: User) -> None:
        self.by_id = {user.id: user for user in users}
        self.writes = 0

    def get(self, user_id):
        if user_id not in self.by_id:
            raise UserNotFound(user_id)
        return self.by_id[user_id]

    def find(self, email):
        return next((user for user in self.by_id.values() if user.email == email), None)

    def save(self, decision: Decision[User]):
        self.writes += 1
        self.by_id[decision.state.id] = decision.state
        return decision.state


class PlainHasher:
    """``PasswordHasher`` that hashes nothing and counts how often it was asked."""

    def __init__(self, *, generation: int = 2) -> None:
        self.generation = generation
        self.asked: list[str] = []

    def hash(self, password):
        self.asked.append("hash")
        return f"{self.generation}:{password}"

    def verify(self, password_hash, password):
        self.asked.append("verify")
        return password_hash is not None and password_hash.partition(":")[2] == password

    def is_outdated(self, password_hash):
        return not password_hash.startswith(f"{self.generation}:")


class FakeOrganizations:
    """``Organizations`` in a dict; remembers the events it was given."""

    def __init__(self, *organizations: Organization) -> None:
        self.by_id = {organization.id: organization for organization in organizations}
        self.events = []

    def get(self, organization_id):
        if organization_id not in self.by_id:
            raise OrganizationNotFound(organization_id)
        return self.by_id[organization_id]

    def of_user(self, user_id):
        return tuple(o for o in self.by_id.values() if o.role_of(user_id) is not None)

    def platform(self):
        return next((o for o in self.by_id.values() if o.kind is Kind.PLATFORM), None)

    def save(self, decision: Decision[Organization]):
        self.by_id[decision.state.id] = decision.state
        self.events += decision.events
        return decision.state


class FakeSessions:
    """``Sessions`` in a dict that minds versions."""

    def __init__(self) -> None:
        self.by_id: dict[str, Session] = {}

    def get(self, session_id):
        if session_id not in self.by_id:
            raise SessionOver
        return self.by_id[session_id]

    def of_family(self, family):
        return next((s for s in self.by_id.values() if s.family == family), None)

    def save(self, decision: Decision[Session]):
        session = decision.state
        known = self.by_id.get(session.id)
        if known is not None and known.revision != session.revision:
            raise Conflict
        stored = replace(session, revision=session.revision.after(0))
        self.by_id[session.id] = stored
        return stored


class FakeRings:
    """``KeyRings`` in a variable."""

    def __init__(self, ring: KeyRing | None = None) -> None:
        self.ring = ring or KeyRing()
        self.writes = 0

    def get(self):
        return self.ring

    def save(self, decision: Decision[KeyRing]):
        self.writes += 1
        self.ring = decision.state
        return self.ring


class NumberedKeys:
    """``KeyMaker`` whose keys are called key-1, key-2."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def make(self, now):
        name = f"key-{next(self._numbers)}"
        return SigningKey(name, f"public of {name}", f"sealed {name}", now)


class OpenSigner:
    """``Signer`` whose tokens are the claims themselves."""

    def __init__(self) -> None:
        self.claims = []

    def sign(self, claims):
        self.claims.append(dict(claims))
        return f"token-{len(self.claims)}"
