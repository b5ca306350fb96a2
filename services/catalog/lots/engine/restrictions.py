"""Where goods may go on to, and how: regions, channels, resale."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chassis.kernel.errors import RuleBroken
from chassis.kernel.money import Money


class RegionNotAllowed(RuleBroken):
    """The brand does not let these goods go to that region."""

    code = "region-not-allowed"
    hint = "Claim for a community in one of the lot's regions, or choose another lot."
    chinese = "品牌不允许该批次进入此地区，请选择该批次许可地区内的社群或其他批次。"


class ChannelNotAllowed(RuleBroken):
    """The brand does not let these goods go through that channel."""

    code = "channel-not-allowed"
    hint = "Claim for one of the lot's channels, or choose another lot."
    chinese = "品牌不允许该批次通过此渠道流通，请选择该批次许可的渠道或其他批次。"


class CityOutsideRegions(RuleBroken):
    """The lot is offered in a city that is none of its regions."""

    code = "city-outside-regions"
    hint = "Add the city to the regions, or leave one of the two out."
    chinese = "发放城市不在许可地区内，请将其加入许可地区，或去掉其中一项。"


class GiftHasNoPrice(RuleBroken):
    """Goods that may only be given away have no lowest price."""

    code = "gift-has-no-price"
    hint = "Allow resale, or leave lowest_resale_price out."
    chinese = "仅限赠送的货物不能设定最低售价，请允许转售或去掉最低售价。"


class Channel(StrEnum):
    """Where people get the goods from a host."""

    GATHERING = "gathering"
    COMMUNITY_SHOP = "community-shop"
    ONLINE = "online"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """What a brand asks of whoever passes its goods on; what is left empty is free.

    ``regions`` are cities in lower case with single blanks, as communities name theirs.
    ``lowest_resale_price`` is of one unit. Raises ``GiftHasNoPrice``.
    """

    regions: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    resale_allowed: bool = True
    lowest_resale_price: Money | None = None

    def __post_init__(self) -> None:
        if self.lowest_resale_price is not None and not self.resale_allowed:
            raise GiftHasNoPrice

    def must_include(self, city: str) -> None:
        """Raise ``CityOutsideRegions`` for a lot of a city that it may not go to."""
        if city and self.regions and city not in self.regions:
            raise CityOutsideRegions(f"{city} is none of {', '.join(self.regions)}")

    def refusal(self, region: str, channel: str) -> RuleBroken | None:
        """The rule that keeps the goods from there, if any; no region is none of them."""
        if self.regions and region not in self.regions:
            return RegionNotAllowed(
                f"{region or 'no region'} asked, {', '.join(self.regions)} allowed",
                regions=list(self.regions),
            )
        if self.channels and channel not in self.channels:
            return ChannelNotAllowed(
                f"{channel} asked, {', '.join(self.channels)} allowed",
                channels=list(self.channels),
            )
        return None


UNRESTRICTED = Restrictions()
