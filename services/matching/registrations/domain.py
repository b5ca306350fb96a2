"""A registration: what one guest answered to the questions frozen with her gathering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from services.matching.doors.domain import Invitation
from services.matching.gatherings.domain import Gathering
from services.matching.gatherings.engine.sheet import Question

Answer = str | int | float | bool

KEPT_FOR = timedelta(days=30)
"""How long answers are known after the gathering has ended."""

LONGEST_ANSWER = 500  # characters
GREATEST_NUMBER = 10**9


class NotRegistered(NotFound):
    """The guest has not registered."""

    code = "not-registered"
    hint = "Send the answers first; there is nothing to take back."
    chinese = "该嘉宾尚未登记，没有可撤回的内容。"


class AnswersUnfit(RuleBroken):
    """The answers do not fit the questions of the gathering."""

    code = "answers-unfit"
    hint = "Correct every answer that is listed, each under the id of its question."
    chinese = "登记回答与活动的问题不符，请按所列问题逐一修改。"


class Misfit(NamedTuple):
    """What is wrong with the answer to one question.

    ``code`` is ``missing``, ``unknown``, ``wrong-kind``, ``too-long``, ``too-large`` or
    ``not-an-option``.
    """

    question: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The answers of the guest of one invitation, by the id of the question.

    A choice is answered by its place among the options, counted from 1. Answers are personal:
    events tell nothing of them, and they are forgotten when the guest says so, or at
    ``forget_at``.
    """

    id: str
    gathering_id: str
    invitation_id: str
    host_id: str
    registered_at: datetime
    forget_at: datetime
    answers: Mapping[str, Answer] = field(default_factory=dict)
    is_forgotten: bool = False
    revision: Revision = Revision()

    def answer(self, answers: Mapping[str, Answer], *, now: datetime) -> Decision[Registration]:
        """Answer again: the later answers stand in the place of the earlier."""
        return Decision(replace(self, answers=answers, registered_at=now, is_forgotten=False))

    def forget(self) -> Decision[Registration]:
        """Forget what was answered; that she registered stays known."""
        return Decision(replace(self, answers={}, is_forgotten=True))


def registration_of(invitation_id: str) -> str:
    """The one registration that the guest of an invitation can have."""
    return derived_id("reg", invitation_id)


def register(
    invitation: Invitation, answers: Mapping[str, Answer], gathering: Gathering, *, now: datetime
) -> Decision[Registration]:
    """Note the first answers of a guest, for the host of the gathering and a time after it."""
    return Decision(
        Registration(
            id=registration_of(invitation.id),
            gathering_id=invitation.gathering_id,
            invitation_id=invitation.id,
            host_id=gathering.host_id,
            registered_at=now,
            forget_at=gathering.slot.ends_at + KEPT_FOR,
            answers=answers,
        )
    )


def fitting(questions: Sequence[Question], given: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers as they are kept, in the order of the questions; blank texts fall away.

    Raises ``AnswersUnfit`` with everything that is wrong, each under its question.
    """
    said = {
        name: value.strip() if isinstance(value, str) else value for name, value in given.items()
    }
    kept = {name: value for name, value in said.items() if value != ""}
    found = tuple(_misfits(questions, kept))
    if found:
        raise AnswersUnfit(
            "; ".join(f"{each.question}: {each.code}" for each in found),
            answers=[each._asdict() for each in found],
        )
    return {asked.id: kept[asked.id] for asked in questions if asked.id in kept}


def _misfits(questions: Sequence[Question], given: Mapping[str, Answer]) -> Iterator[Misfit]:
    for asked in questions:
        if asked.id in given:
            code = _CHECKS[asked.kind](given[asked.id], asked)
            if code is not None:
                yield Misfit(asked.id, code)
        elif asked.required:
            yield Misfit(asked.id, "missing")
    for name in sorted(given.keys() - {asked.id for asked in questions}):
        yield Misfit(name, "unknown")


def _of_text(answer: Answer, _asked: Question) -> str | None:
    if not isinstance(answer, str):
        return "wrong-kind"
    return "too-long" if len(answer) > LONGEST_ANSWER else None


def _of_number(answer: Answer, _asked: Question) -> str | None:
    if isinstance(answer, bool | str):
        return "wrong-kind"
    # What is no number, or infinite, is not within any bound either.
    return None if abs(answer) <= GREATEST_NUMBER else "too-large"


def _of_yes_no(answer: Answer, _asked: Question) -> str | None:
    return None if isinstance(answer, bool) else "wrong-kind"


def _of_choice(answer: Answer, asked: Question) -> str | None:
    if isinstance(answer, bool) or not isinstance(answer, int):
        return "wrong-kind"
    return None if 1 <= answer <= len(asked.options) else "not-an-option"


_CHECKS = {
    "text": _of_text,
    "number": _of_number,
    "yes-no": _of_yes_no,
    "choice": _of_choice,
}
