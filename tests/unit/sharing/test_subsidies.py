"""A subsidy follows how many came: by bands, to the fen, explained in both languages."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing.check import problems_of
from sharing.dividing import Heads
from sharing.examples import differences
from sharing.explaining import foreseen, why_subsidy
from sharing.subsidies import band_of, in_milestones, outcome
from sharing.terms import WHOLE, Terms
from tests.builders.contracts import a_contract_text, terms_of

BANDS = {"bands": [{"heads": 8, "points": 5_000}, {"heads": 12, "points": 10_000}]}


def codes(text):
    return [problem.code for problem in problems_of(text)]


class TestBands:
    @pytest.mark.parametrize(
        ("came", "earned"),
        [(0, 0), (7, 0), (8, 40_000), (11, 40_000), (12, 80_000), (40, 80_000)],
    )
    def test_pay_by_how_many_came_whatever_was_asked_for(self, came, earned):
        found = outcome(terms_of(subsidy=BANDS), Heads(came, 99), [80_000])

        assert (found.earned, found.returned) == (earned, (80_000 - earned,))

    @pytest.mark.parametrize(("came", "earned"), [(11, 0), (12, 80_000)])
    def test_that_are_not_stated_pay_all_for_as_many_as_were_asked_for(self, came, earned):
        assert outcome(terms_of(), Heads(came, 12), [80_000]).earned == earned

    def test_leave_the_odd_fen_to_each_who_gave(self):
        found = outcome(terms_of(subsidy=BANDS), Heads(8), [3, 5, 0])

        assert (found.earned, found.returned) == (3, (2, 3, 0))

    @given(
        st.lists(st.tuples(st.integers(0, 50), st.integers(0, WHOLE)), min_size=1, max_size=5),
        st.lists(st.integers(0, 10**12), min_size=1, max_size=4),
        st.integers(0, 60),
        st.integers(0, 60),
    )
    def test_never_pay_less_of_any_part_when_more_came(self, steps, given, one, other):
        heads = sorted({head for head, _ in steps})
        points = sorted(point for _, point in steps)
        bands = [{"heads": h, "points": p} for h, p in zip(heads, points, strict=False)]
        text = a_contract_text(subsidy={"bands": bands})
        assert codes(text) == []

        few, many = (outcome(Terms(text), Heads(n), given) for n in sorted((one, other)))

        assert few.earned + sum(few.returned) == sum(given)
        assert all(now <= was for was, now in zip(few.returned, many.returned, strict=True))


class TestCheck:
    @pytest.mark.parametrize(
        ("bands", "code"),
        [
            ([(8, 5_000), (8, 10_000)], "bands-unordered"),
            ([(12, 10_000), (8, 5_000)], "bands-unordered"),
            ([(8, 5_000), (12, 4_999)], "bands-unordered"),
        ],
        ids=["twice", "backwards", "less for more"],
    )
    def test_refuses_bands_out_of_order(self, bands, code):
        said = {"bands": [{"heads": heads, "points": points} for heads, points in bands]}

        assert codes(a_contract_text(subsidy=said)) == [code]

    def test_wants_the_brand_that_gives_it_bound(self):
        parties = {"host": a_contract_text()["parties"]["host"]}

        assert codes(a_contract_text(parties=parties, subsidy=BANDS)) == ["subsidy-without-brand"]

    @pytest.mark.parametrize("said", [{}, {"bands": []}, {"bands": [{"heads": 1}]}, {"other": 1}])
    def test_refuses_what_states_no_band(self, said):
        assert problems_of(a_contract_text(subsidy=said))


class TestMilestones:
    PARTS = (
        {"id": "advance", "why": {"en": "advance", "zh": "预付"}, "points": 3_333}
        | {"proof": "opened"},
        {"id": "rest", "why": {"en": "rest", "zh": "其余"}, "points": 6_667, "proof": "held"},
    )
    SAID: ClassVar = {
        "parts": list(PARTS),
        "objection_days": 3,
        "return_days": 60,
        "ruling": {"by": "platform", "days": 7, "otherwise": "return"},
    }

    def text(self, **changes):
        return a_contract_text(subsidy=BANDS | {"milestones": self.SAID | changes})

    @given(st.lists(st.integers(0, 10**12), min_size=1, max_size=4))
    def test_are_together_what_was_given_to_the_unit(self, given):
        parts = in_milestones(Terms(self.text()), given)

        assert [sum(each) for each in zip(*parts, strict=True)] == given

    def test_are_good_by_the_format(self):
        assert codes(self.text()) == []

    @pytest.mark.parametrize(
        "parts",
        [
            [PARTS[0]],
            [PARTS[0], PARTS[1] | {"points": 6_668}],
            [PARTS[0], PARTS[1] | {"id": "advance"}],
        ],
        ids=["too little", "too much", "one name twice"],
    )
    def test_have_names_of_their_own_and_all_the_points(self, parts):
        assert codes(self.text(parts=parts)) == ["milestones-incomplete"]

    @pytest.mark.parametrize("missing", ["objection_days", "return_days", "ruling"])
    def test_state_every_clock_and_the_neutral_rule(self, missing):
        said = {name: each for name, each in self.SAID.items() if name != missing}

        assert codes(a_contract_text(subsidy=BANDS | {"milestones": said}))

    def test_are_foreseen_part_by_part(self):
        found = foreseen(Terms(self.text()), Heads(9), 10_000)

        assert [outcome.earned for outcome, _ in found] == [1_666, 3_333]
        assert found[0][1].earned.en == (
            "Subsidy earned, advance: if it is proven; 9 checked in, 50 % from 8 on"
        )
        assert found[1][1].returned.zh == ("补贴退回，其余：若经证明；签到 9 人，满 8 人得 50 %")


class TestExamples:
    def test_are_run_for_the_subsidy_too(self):
        right = {"name": "nine", "sales": [], "heads": 9, "subsidy": 80_000, "earned": 40_000}
        wrong = right | {"name": "seven", "heads": 7}
        text = a_contract_text(
            subsidy=BANDS, examples=[each | {"expect": {}} for each in (right, wrong)]
        )

        assert problems_of(text) == []
        (found,) = differences(Terms(text))
        assert found.told == "seven: subsidy expected 40000, found 0 (-40000)"


class TestExplanation:
    @pytest.mark.parametrize(
        ("came", "english", "chinese"),
        [
            (9, "9 checked in, 50 % from 8 on", "签到 9 人，满 8 人得 50 %"),
            (12, "12 checked in, 100 % from 12 on", "签到 12 人，满 12 人得 100 %"),
            (5, "5 checked in, nothing is earned below 8", "签到 5 人，不足 8 人无补贴"),
        ],
    )
    def test_names_the_band_that_was_reached(self, came, english, chinese):
        why = why_subsidy(terms_of(subsidy=BANDS), Heads(came, 12))

        assert why.earned.en == f"Subsidy earned: {english}"
        assert why.returned.zh == f"补贴退回：{chinese}"

    def test_a_band_of_zero_points_from_nobody_on_is_still_that_band(self):
        terms = terms_of(subsidy={"bands": [{"heads": 0, "points": 0}]})

        assert band_of(terms, Heads(3)).points == 0
        assert "0 % from 0 on" in why_subsidy(terms, Heads(3)).decided.en
