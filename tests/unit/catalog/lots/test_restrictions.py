"""Where goods may go on to, and how."""

from __future__ import annotations

import pytest

from chassis.kernel.money import Money
from services.catalog.lots.engine.restrictions import (
    UNRESTRICTED,
    Channel,
    ChannelNotAllowed,
    CityOutsideRegions,
    GiftHasNoPrice,
    RegionNotAllowed,
    Restrictions,
)


class TestRestrictions:
    def test_that_say_nothing_allow_everything(self):
        assert UNRESTRICTED.refusal("", Channel.GATHERING) is None
        assert UNRESTRICTED.refusal("上海", Channel.ONLINE) is None

    def test_name_the_regions_that_are_allowed(self):
        restrictions = Restrictions(regions=("上海", "suzhou"))

        refused = restrictions.refusal("北京", Channel.GATHERING)

        assert isinstance(refused, RegionNotAllowed)
        assert str(refused) == "北京 asked, 上海, suzhou allowed"
        assert refused.members == {"regions": ["上海", "suzhou"]}
        assert restrictions.refusal("suzhou", Channel.GATHERING) is None

    def test_take_no_region_for_none_that_is_allowed(self):
        refused = Restrictions(regions=("上海",)).refusal("", Channel.GATHERING)

        assert isinstance(refused, RegionNotAllowed)

    def test_name_the_channels_that_are_allowed(self):
        restrictions = Restrictions(channels=(Channel.GATHERING, Channel.COMMUNITY_SHOP))

        refused = restrictions.refusal("", Channel.ONLINE)

        assert isinstance(refused, ChannelNotAllowed)
        assert refused.members == {"channels": ["gathering", "community-shop"]}
        assert restrictions.refusal("", Channel.COMMUNITY_SHOP) is None

    def test_include_the_city_that_a_lot_is_offered_in(self):
        restrictions = Restrictions(regions=("上海", "suzhou"))

        with pytest.raises(CityOutsideRegions):
            restrictions.must_include("北京")

        restrictions.must_include("suzhou")
        restrictions.must_include("")
        UNRESTRICTED.must_include("北京")

    def test_give_no_price_to_a_gift(self):
        with pytest.raises(GiftHasNoPrice):
            Restrictions(resale_allowed=False, lowest_resale_price=Money(900, "CNY"))

        Restrictions(resale_allowed=True, lowest_resale_price=Money(900, "CNY"))
