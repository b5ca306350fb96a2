"""The rules of a community."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.testing.clock import START as NOW
from services.matching.communities.domain import (
    MOST_OF_ONE_HOST,
    Community,
    CommunityOfAnotherHost,
    Portrait,
    TooManyCommunities,
    tidy,
)
from services.matching.communities.events import CommunityChanged, CommunityFounded

HOST = "org_01m80t6qxcevrs0fn3mtvw1bjz"
PORTRAIT = Portrait(name="Tea friends", city="Suzhou", size=60, tags={"tea": 80})
COMMUNITY = Community("com_1", HOST, PORTRAIT, NOW)


class TestFound:
    def test_announces_the_community(self):
        community, events, _ = Community.found("com_1", HOST, PORTRAIT, others=0, at=NOW)

        assert community == COMMUNITY
        assert events == (
            CommunityFounded(
                community_id="com_1",
                host_id=HOST,
                city="Suzhou",
                size=60,
                tags={"tea": 80},
                occurred_at=NOW,
            ),
        )

    def test_refuses_more_than_one_host_may_have(self):
        with pytest.raises(TooManyCommunities):
            Community.found("com_1", HOST, PORTRAIT, others=MOST_OF_ONE_HOST, at=NOW)

        Community.found("com_1", HOST, PORTRAIT, others=MOST_OF_ONE_HOST - 1, at=NOW)


class TestChange:
    def test_announces_what_is_true_now(self):
        later = NOW + timedelta(days=1)
        portrait = Portrait(name="Tea friends", city="Beijing", size=61, tags={"cups": 1})

        community, events, _ = COMMUNITY.change(portrait, at=later)

        assert community.portrait == portrait
        assert events == (
            CommunityChanged(
                community_id="com_1",
                host_id=HOST,
                city="Beijing",
                size=61,
                tags={"cups": 1},
                occurred_at=later,
            ),
        )

    def test_is_silent_when_nothing_changed(self):
        assert COMMUNITY.change(PORTRAIT, at=NOW) == (COMMUNITY, (), ())


class TestMustBeOf:
    def test_lets_only_its_host_act(self):
        COMMUNITY.must_be_of(HOST)

        with pytest.raises(CommunityOfAnotherHost):
            COMMUNITY.must_be_of("org_another")


class TestTidy:
    @pytest.mark.parametrize(
        ("text", "expected"), [("  Green   TEA ", "green tea"), ("茶", "茶"), ("", "")]
    )
    def test_compares_words_whatever_their_case_and_blanks(self, text, expected):
        assert tidy(text) == expected
