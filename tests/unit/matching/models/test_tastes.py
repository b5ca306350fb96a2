"""From claims alone: what the same hosts claimed counts as far as it foretells the next claim."""

from __future__ import annotations

import numpy as np
import pytest

from services.matching.models.engine.learning import learn
from services.matching.models.engine.neighbours import Circle
from services.matching.models.engine.shown import KINDRED, ShownRows
from services.matching.offers.engine.points import DEFAULT, MILLION
from services.matching.pictures.domain import Claimed

HOSTS, BRANDS, TASTES, PAGES, LOTS = 240, 40, 4, 8, 10
ALL = DEFAULT._replace(kindred=MILLION)


def lived_through(liked: float, disliked: float, *, alone: bool = True) -> ShownRows:
    """Pages of hosts of four tastes, who claim a brand of theirs with the first probability.

    The lots of a page are of brands drawn at random. ``alone`` has what is alike learned of
    every host as if she had never claimed, as models do it.
    """
    chance = np.random.default_rng(1)
    shown = chance.integers(BRANDS, size=(HOSTS, PAGES, LOTS))
    is_liked = shown % TASTES == (np.arange(HOSTS) % TASTES)[:, None, None]
    claims = chance.random(shown.shape) < np.where(is_liked, liked, disliked)
    circle = Circle({str(n): _claimed(shown[n][claims[n]]) for n in range(HOSTS)})
    everybody = circle.kinships()
    kindred = np.zeros(shown.shape)
    for host in range(HOSTS):
        kinships = circle.without(str(host)) if alone else everybody
        for page in range(1, PAGES):
            before = _claimed(shown[host, :page][claims[host, :page]])
            worth = kinships.kindred(before.brands, (), ALL)
            kindred[host, page] = [
                worth.of(str(each), "")[0] / MILLION for each in shown[host, page]
            ]
    rows, shares = shown.size, chance.beta(1.2, 1.8, size=(shown.size, len(DEFAULT)))
    shares[:, KINDRED] = kindred.ravel()
    return ShownRows(
        host=np.repeat(np.arange(HOSTS), PAGES * LOTS),
        page=np.repeat(np.arange(HOSTS * PAGES), LOTS),
        place=np.tile(np.arange(1, LOTS + 1), HOSTS * PAGES),
        shares=shares,
        explored=np.zeros(rows, bool),
        claimed=claims.ravel(),
        demand=np.zeros(rows),
        kindred_then=np.zeros(rows),
    )


def _claimed(brands):
    return Claimed(frozenset(map(str, brands.tolist())))


def test_hosts_with_tastes_are_served_by_what_others_of_their_taste_claimed():
    learned = learn(lived_through(0.2, 0.02), DEFAULT).weights

    assert learned.kindred > 50_000


def test_what_a_host_claimed_does_not_foretell_itself():
    """Where hosts claim what they happen to see, nothing is to be learned from others."""
    by_others, by_herself_too = (
        learn(lived_through(0.06, 0.06, alone=alone), DEFAULT).weights.kindred
        for alone in (True, False)
    )

    assert by_others < 10_000
    assert by_herself_too > by_others


@pytest.mark.parametrize("liked", [0.1, 0.3])
def test_nothing_is_kindred_on_a_first_page(liked):
    shown = lived_through(liked, 0.02)

    assert not shown.shares[shown.page % PAGES == 0, KINDRED].any()
