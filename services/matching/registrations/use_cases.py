"""What guests can do with their answers, and what that needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.matching.attendance.domain import CodeOfAnotherGathering
from services.matching.doors.domain import Invitation
from services.matching.doors.use_cases import DoorKeys
from services.matching.gatherings.domain import Gathering
from services.matching.gatherings.use_cases import Gatherings
from services.matching.registrations.domain import (
    Answer,
    NotRegistered,
    Registration,
    fitting,
    register,
    registration_of,
)


class Registrations(Protocol):
    """The registrations, wherever they are kept."""

    def find(self, registration_id: str) -> Registration | None:
        """The registration, or None when the guest never answered."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[Registration]:
        """Those whose answers are to be forgotten by now, the longest due first."""
        ...

    def save(self, decision: Decision[Registration]) -> Registration:
        """Store it, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterGuest:
    """A guest's answers, under the code that she was invited with."""

    gathering_id: str
    code: str
    answers: Mapping[str, Answer]


def form_of(gathering_id: str, *, gatherings: Gatherings) -> Gathering:
    """A gathering whose questions anybody may read: one that is open."""
    found = gatherings.get(gathering_id)
    found.must_be_open()
    return found


def register_guest(
    command: RegisterGuest,
    *,
    gatherings: Gatherings,
    registrations: Registrations,
    door_keys: DoorKeys,
    now: datetime,
) -> Registration:
    """Note a guest's answers while the gathering is open.

    The same again change nothing; others take the place of the earlier. Raises
    ``AnswersUnfit`` with everything that is wrong.
    """
    invitation = _invited(command.gathering_id, command.code, door_keys)
    gathering = form_of(command.gathering_id, gatherings=gatherings)
    answers = fitting(gathering.sheet.questions, command.answers)
    known = registrations.find(registration_of(invitation.id))
    if known is None:
        return registrations.save(register(invitation, answers, gathering, now=now))
    if known.answers == answers and not known.is_forgotten:
        return known
    return registrations.save(known.answer(answers, now=now))


def take_answers_back(
    gathering_id: str, code: str, *, registrations: Registrations, door_keys: DoorKeys
) -> Registration:
    """Forget what a guest answered, at any time; raise ``NotRegistered`` if she never did."""
    invitation = _invited(gathering_id, code, door_keys)
    known = registrations.find(registration_of(invitation.id))
    if known is None:
        raise NotRegistered
    return known if known.is_forgotten else registrations.save(known.forget())


def forget_answers(*, registrations: Registrations, now: datetime, limit: int = 200) -> int:
    """Forget answers a time after their gathering; answer of how many registrations."""
    due = registrations.due(now, limit=limit)
    for registration in due:
        registrations.save(registration.forget())
    return len(due)


def _invited(gathering_id: str, code: str, door_keys: DoorKeys) -> Invitation:
    invitation = door_keys.read(code)
    if invitation.gathering_id != gathering_id:
        raise CodeOfAnotherGathering(
            f"for {invitation.gathering_id}", gathering_id=invitation.gathering_id
        )
    return invitation
