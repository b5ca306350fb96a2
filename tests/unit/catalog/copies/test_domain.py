"""A copy claim goes its way by the clock, and every silence has its outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.copies.domain import (
    PERIOD,
    ClaimState,
    ClaimUnfounded,
    CopyClaim,
    CopyClaimNotOpen,
    NotYourTurn,
    Outcome,
    Ruling,
    SameReviewer,
    Version,
)
from services.catalog.copies.events import CopyClaimClosed, CopyClaimRuled
from services.catalog.similarity.domain import compare
from tests.unit.catalog.fakes import AUTHOR, NOW, OTHER_AUTHOR, an_id
from tests.unit.catalog.similarity.themes import a_print, sample

TEA, RICE = sample("tea-tasting"), sample("rice-tasting")
REVIEWER, OTHER_REVIEWER = an_id("usr"), an_id("usr")
PAYEES = {AUTHOR: 10_000}
LATER = NOW + PERIOD
JUST_BEFORE = LATER - timedelta(milliseconds=1)


def a_version(author_id, days, letter) -> Version:
    published_at = NOW - timedelta(days=days)
    return Version(an_id("crt"), "1.0.0", f"sha256:{letter * 64}", author_id, published_at)


def a_claim(**changes) -> CopyClaim:
    given = {
        "id": an_id("cpc"),
        "original": a_version(AUTHOR, 30, "a"),
        "accused": a_version(OTHER_AUTHOR, 10, "b"),
        "statement": "She took every step.",
        "evidence": compare(a_print(TEA, author_id=OTHER_AUTHOR), a_print(TEA)),
        "payees": PAYEES,
        "opened_at": NOW,
        "due_at": LATER,
    }
    return CopyClaim(**given | changes)


def a_ruling(outcome=Outcome.UPHELD, by=REVIEWER, at=NOW) -> Ruling:
    return Ruling(outcome, "The steps are the same, word by word.", by, "Li Hua", at)


def answered() -> CopyClaim:
    return a_claim().give_answer("I wrote it.", by=OTHER_AUTHOR, at=NOW).state


def ruled(outcome=Outcome.UPHELD) -> CopyClaim:
    return answered().rule(a_ruling(outcome)).state


class TestOpening:
    def test_is_announced_and_waits_for_the_accused(self):
        claim, (fact,), _ = a_claim().open()

        assert (claim.state, claim.due_at, claim.is_standing) == (ClaimState.OPENED, LATER, True)
        assert (fact.claimant_id, fact.accused_id) == (AUTHOR, OTHER_AUTHOR)

    @pytest.mark.parametrize(
        "changes",
        [
            {"accused": a_version(AUTHOR, 10, "b")},
            {"original": a_version(AUTHOR, 5, "a")},
            {"evidence": compare(a_print(RICE), a_print(TEA))},
        ],
        ids=["one's own", "published later", "nothing alike"],
    )
    def test_is_refused_when_it_cannot_be_true(self, changes):
        with pytest.raises(ClaimUnfounded):
            a_claim(**changes).open()


class TestAnswer:
    def test_is_the_accused_s_alone(self):
        with pytest.raises(NotYourTurn):
            a_claim().give_answer("No.", by=AUTHOR, at=NOW)

    def test_comes_in_time_or_not_at_all(self):
        assert a_claim().give_answer("No.", by=OTHER_AUTHOR, at=JUST_BEFORE).events
        with pytest.raises(CopyClaimNotOpen):
            a_claim().give_answer("No.", by=OTHER_AUTHOR, at=LATER)

    def test_is_given_once(self):
        with pytest.raises(CopyClaimNotOpen):
            answered().give_answer("And also.", by=OTHER_AUTHOR, at=NOW)


class TestRuling:
    def test_leaves_the_claim_open_for_an_appeal(self):
        claim, (fact,), _ = answered().rule(a_ruling())

        assert (claim.state, claim.outcome, claim.due_at) == (ClaimState.RULED, None, LATER)
        assert isinstance(fact, CopyClaimRuled)

    def test_waits_for_the_answer(self):
        with pytest.raises(CopyClaimNotOpen):
            a_claim().rule(a_ruling())

    def test_on_an_appeal_is_another_reviewer_s(self):
        appealed = ruled().make_appeal("Look again.", by=OTHER_AUTHOR, at=NOW).state

        with pytest.raises(SameReviewer):
            appealed.rule(a_ruling(Outcome.REJECTED))

    def test_on_an_appeal_is_final(self):
        appealed = ruled().make_appeal("Look again.", by=OTHER_AUTHOR, at=NOW).state

        claim, facts, _ = appealed.rule(a_ruling(Outcome.REJECTED, by=OTHER_REVIEWER))

        assert (claim.state, claim.outcome, claim.due_at) == (
            ClaimState.CLOSED,
            Outcome.REJECTED,
            None,
        )
        assert [type(fact) for fact in facts] == [CopyClaimRuled, CopyClaimClosed]
        assert facts[1].payees == {}
        assert not claim.is_standing


class TestAppeal:
    @pytest.mark.parametrize(
        ("outcome", "winner", "loser"),
        [(Outcome.UPHELD, AUTHOR, OTHER_AUTHOR), (Outcome.REJECTED, OTHER_AUTHOR, AUTHOR)],
    )
    def test_is_the_loser_s_alone(self, outcome, winner, loser):
        with pytest.raises(NotYourTurn):
            ruled(outcome).make_appeal("Look again.", by=winner, at=NOW)

        assert ruled(outcome).make_appeal("Look again.", by=loser, at=NOW).events

    def test_is_made_once(self):
        appealed = ruled().make_appeal("Look again.", by=OTHER_AUTHOR, at=NOW).state

        with pytest.raises(CopyClaimNotOpen):
            appealed.make_appeal("And again.", by=OTHER_AUTHOR, at=NOW)


class TestSilence:
    def test_before_its_time_changes_nothing(self):
        claim = a_claim()

        assert claim.lapse(at=JUST_BEFORE) == (claim, (), ())

    def test_of_the_accused_brings_the_claim_before_a_reviewer(self):
        claim, (fact,), _ = a_claim().lapse(at=LATER)

        assert (claim.state, claim.answer, claim.due_at) == (
            ClaimState.ANSWERED,
            None,
            LATER + PERIOD,
        )
        assert fact.is_answered is False

    def test_of_the_reviewer_rejects_the_claim(self):
        claim, (fact,), _ = answered().lapse(at=LATER)

        assert claim.outcome is Outcome.REJECTED
        assert fact.payees == {}

    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_of_the_loser_makes_the_ruling_final(self, outcome):
        claim, (fact,), _ = ruled(outcome).lapse(at=LATER)

        assert claim.outcome is outcome
        assert fact.payees == (PAYEES if outcome is Outcome.UPHELD else {})

    def test_of_the_second_reviewer_lets_the_first_ruling_stand(self):
        appealed = ruled().make_appeal("Look again.", by=OTHER_AUTHOR, at=NOW).state

        assert appealed.lapse(at=LATER).state.outcome is Outcome.UPHELD

    def test_is_told_beforehand_in_both_languages(self):
        states = [a_claim(state=state).silence for state in ClaimState]

        assert all(told.english and told.chinese for told in states[:-1])
        assert states[-1] is None

    def test_after_the_end_changes_nothing(self):
        closed = replace(answered().lapse(at=LATER).state)

        assert closed.lapse(at=LATER + PERIOD) == (closed, (), ())
