"""What a lot says before anybody claims: where it may go, what is kept, how long it lasts."""

from __future__ import annotations

from datetime import timedelta

from chassis.kernel.time import from_rfc3339
from tests.integration.catalog.bodies import soon, yuan
from tests.integration.catalog.test_lots_api import publish
from tests.unit.catalog.fakes import HOST


class TestTerms:
    def test_shows_where_the_goods_may_go_before_anybody_claims(self, brand, calling):
        wanted = {
            "regions": ["Su  Zhou", "上海", "su zhou"],
            "channels": ["community-shop", "gathering", "gathering"],
            "lowest_resale_price": yuan(900),
        }
        bound, free = publish(brand, restrictions=wanted), publish(brand)

        host = calling(HOST)

        assert host.get(f"/v1/lots/{bound['id']}").json["restrictions"] == {
            "regions": ["su zhou", "上海"],
            "channels": ["community-shop", "gathering"],
            "resale_allowed": True,
            "lowest_resale_price": yuan(900),
        }
        assert host.get(f"/v1/lots/{free['id']}").json["restrictions"] == {
            "regions": [],
            "channels": [],
            "resale_allowed": True,
            "lowest_resale_price": None,
        }

    def test_says_what_is_kept_for_newcomers_and_how_long_it_lasts(self, brand):
        closes_at, best_before = soon(days=30), soon(days=9, hours=12)

        lot = publish(brand, closes_at=closes_at, best_before=best_before)
        closed = brand.post(f"/v1/lots/{lot['id']}/closures").json

        assert (lot["newcomers_basis_points"], lot["packs_kept_for_newcomers"]) == (1_000, 1)
        until = from_rfc3339(lot["best_before"]) - from_rfc3339(lot["newcomers_until"])
        assert until == timedelta(days=3)
        assert (lot["days_left"], closed["days_left"]) == (9, 0)
