"""What becomes known about naming rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


class OfNamingRights:
    """Orders events by the package."""

    __slots__ = ()
    naming_rights_id: str

    @property
    def subject(self) -> str:
        """The package."""
        return self.naming_rights_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingSold(OfNamingRights, DomainEvent):
    """A host accepted a brand's price for its name on so many gatherings."""

    type: ClassVar[str] = "payments.naming.sold.v1"
    naming_rights_id: str
    brand_id: str
    host_id: str
    price: Money
    gatherings: int
    terms: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingEarned(OfNamingRights, DomainEvent):
    """One more gathering was held under the name."""

    type: ClassVar[str] = "payments.naming.earned.v1"
    naming_rights_id: str
    gathering_id: str
    number: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingEnded(OfNamingRights, DomainEvent):
    """The package ended; what was not earned went back to the brand."""

    type: ClassVar[str] = "payments.naming.ended.v1"
    naming_rights_id: str
    returned: Money
