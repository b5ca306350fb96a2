"""A naming-rights package: sold once, paid once, earned gathering by gathering. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Forbidden, NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money, split
from services.payments.ledger.domain import EntryRequest, available_of, transfer
from services.payments.naming.events import NamingEarned, NamingEnded, NamingSold

HOST, PLATFORM = "host", "platform"
WHOLE = 10_000


class NamingRightsNotFound(NotFound):
    """No naming-rights package has that identifier."""

    code = "naming-rights-not-found"
    hint = "Check the identifier; only the brand and the host of a package can read it."
    chinese = "没有这份冠名权，请核对编号；只有其品牌方和主理人可以查看。"


class NamingTermsInvalid(RuleBroken):
    """The shares of host and platform must be basis points that add up to 10,000."""

    code = "naming-terms-invalid"
    hint = "Send host and platform, whole basis points, together 10,000."
    chinese = "冠名收入的主理人与平台份额须为整数基点，合计为一万。"


class NotTheirsToAccept(Forbidden):
    """Only the host it was proposed to may accept the package."""

    code = "not-theirs-to-accept"
    hint = "Let the host that the package names accept it."
    chinese = "只有提案所指定的主理人才能接受此冠名权。"


class NotOpenForThat(RuleBroken):
    """The package is past the state in which this can be done."""

    code = "naming-state"
    hint = "Read the package; its state says what may follow."
    chinese = "该冠名权当前状态不允许此操作。"


class PriceExceeded(RuleBroken):
    """More than the price must not be paid for a package."""

    code = "price-exceeded"
    hint = "Deposit at most the amount that the answer names as open."
    chinese = "充值金额超过冠名价格。"


class NamingState(StrEnum):
    """How far a package has come."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    ENDING = "ending"
    ENDED = "ended"


class Unearned(StrEnum):
    """Why a gathering earns nothing of the package that was named when it was planned."""

    UNKNOWN = "unknown"
    OTHER_HOST = "other-host"
    NOT_USABLE = "not-usable"

    @property
    def told(self) -> tuple[str, str]:
        """In English and Chinese."""
        return _UNEARNED[self]


_UNEARNED = {
    Unearned.UNKNOWN: ("no package has that identifier", "没有该编号的冠名权"),
    Unearned.OTHER_HOST: ("the package is another host's", "该冠名权属于其他主理人"),
    Unearned.NOT_USABLE: (
        "the package is not paid in full, is used up, or has ended",
        "该冠名权未付清、已用完或已终止",
    ),
}


@dataclass(frozen=True, slots=True)
class Earning:
    """What one gathering earned of a package."""

    naming_rights_id: str
    number: int
    amount: Money
    host_share: Money
    platform_share: Money


@dataclass(frozen=True, slots=True)
class NamingRights:
    """A brand's name on ``gatherings`` gatherings of a host, for ``price`` together.

    ``expected`` was recorded as arrived, ``booked`` is in the ledger. ``earned`` names the
    gatherings in the order in which they earned; ``carries`` is what host and platform
    are still owed, in 1/10,000 of a minor unit. ``reserved`` names those that were planned
    and are neither settled nor called off: their parts are theirs even if the brand ends the
    package, which then gives ``returned`` back at once and the rest after the last of them.
    """

    id: str
    brand_id: str
    host_id: str
    price: Money
    gatherings: int
    terms: Mapping[str, int]
    state: NamingState
    expected: Money
    booked: Money
    earned: tuple[str, ...] = ()
    carries: tuple[int, int] = (0, 0)
    reserved: tuple[str, ...] = ()
    returned: Money | None = None
    revision: Revision = Revision()

    @property
    def account(self) -> str:
        """Where the price lies until it is earned."""
        return f"naming:{self.id}:deferred"

    @property
    def is_paid(self) -> bool:
        """Whether the ledger holds the whole price."""
        return self.booked == self.price

    @property
    def is_usable(self) -> bool:
        """Whether the next gathering can earn of it."""
        return self.is_paid and self._has_a_part_left

    @property
    def earned_amount(self) -> Money:
        """What was earned so far: k of N parts, rounded down, N of N the whole."""
        return self._parts(len(self.earned))

    def may_earn(self, gathering_id: str) -> bool:
        """Whether this gathering can earn of it: a part is reserved for it, or one is left."""
        if gathering_id in self.reserved and gathering_id not in self.earned:
            return self.is_paid
        return self.is_usable

    def reserve(self, gathering_id: str, hosts: Collection[str]) -> NamingRights:
        """Keep a part for a planned gathering of its host; unchanged if none is left for it."""
        known = gathering_id in self._spoken_for
        if known or self.host_id not in hosts or not self._has_a_part_left:
            return self
        return replace(self, reserved=(*self.reserved, gathering_id))

    def let_go(self, gathering_id: str) -> NamingRights:
        """Reserve nothing more for a gathering that is settled or called off."""
        return replace(
            self, reserved=tuple(each for each in self.reserved if each != gathering_id)
        )

    @property
    def is_over(self) -> bool:
        """Whether the brand has ended it, and no gathering can earn of it any more."""
        return self.state is NamingState.ENDING and not self.reserved

    def why_not(self, gathering_id: str, hosts: Collection[str]) -> Unearned | None:
        """Why a gathering of these hosts can earn nothing; None if it can."""
        if self.host_id not in hosts:
            return Unearned.OTHER_HOST
        return None if self.may_earn(gathering_id) else Unearned.NOT_USABLE

    def accept(self, host_id: str, *, at: datetime) -> Decision[NamingRights]:
        """Let the host agree; raise ``NotTheirsToAccept`` or ``NotOpenForThat``."""
        if host_id != self.host_id:
            raise NotTheirsToAccept
        self._require(NamingState.PROPOSED)
        sold = NamingSold(
            occurred_at=at,
            naming_rights_id=self.id,
            brand_id=self.brand_id,
            host_id=self.host_id,
            price=self.price,
            gatherings=self.gatherings,
            terms=self.terms,
        )
        return Decision(replace(self, state=NamingState.ACCEPTED), (sold,))

    def expect(self, amount: Money) -> Decision[NamingRights]:
        """Note money that arrived; raise ``PriceExceeded`` or ``NotOpenForThat``."""
        self._require(NamingState.ACCEPTED)
        still_open = self.price - self.expected
        if still_open < amount:
            raise PriceExceeded(
                f"{amount.minor} asked, {still_open.minor} open", open=still_open.minor
            )
        return Decision(replace(self, expected=self.expected + amount))

    def book(self, amount: Money) -> Decision[NamingRights]:
        """Note money that the ledger holds now."""
        return Decision(replace(self, booked=self.booked + amount))

    def earn(self, gathering_id: str, *, at: datetime) -> tuple[Decision[NamingRights], Earning]:
        """Let a gathering earn the next part; raise ``NotOpenForThat`` when none is left."""
        if not self.may_earn(gathering_id):
            raise NotOpenForThat(f"{self.id} is {self.state}, {len(self.earned)} earned")
        after = replace(self, earned=(*self.earned, gathering_id))
        amount = after.earned_amount - self.earned_amount
        shares, carries = split(
            amount.minor, (self.terms[HOST], self.terms[PLATFORM]), self.carries
        )
        number = len(after.earned)
        earning = Earning(
            self.id,
            number,
            amount,
            Money(shares[0], amount.currency),
            Money(shares[1], amount.currency),
        )
        fact = NamingEarned(
            occurred_at=at,
            naming_rights_id=self.id,
            gathering_id=gathering_id,
            number=number,
            amount=amount,
        )
        return Decision(replace(after, carries=(carries[0], carries[1])), (fact,)), earning

    def begin_end(self) -> Decision[NamingRights]:
        """Promise no more parts, so that those left can go back; raise ``NotOpenForThat``.

        Of a package that is not paid in full nobody could earn: all of it goes back.
        """
        if self.state is NamingState.PROPOSED:
            return Decision(replace(self, state=NamingState.ENDED))
        self._require(NamingState.ACCEPTED)
        if self.booked != self.expected:
            raise NotOpenForThat("a deposit is still on its way into the books")
        kept = self.reserved if self.is_paid else ()
        still = replace(self, state=NamingState.ENDING, reserved=kept)
        return Decision(replace(still, returned=self.booked - self._parts(len(still._spoken_for))))

    @property
    def unearned(self) -> Money:
        """What goes back to the brand when it ends now."""
        return self.booked - self.earned_amount

    def return_entries(self) -> list[EntryRequest]:
        """Bring what nobody can earn any more back to the brand, to the fen.

        What was left when it ended is the first entry; what gatherings that were still ahead
        did not earn follows once it is over. Each is the same however often it is asked for.
        """
        at_once = self.returned or Money(0, self.price.currency)
        found = [self._return_entry("return", at_once)] if at_once else []
        rest = self.unearned - at_once
        if self.is_over and rest:
            found.append(self._return_entry("return-rest" if found else "return", rest))
        return found

    def _return_entry(self, part: str, amount: Money) -> EntryRequest:
        reason = {
            "why": {
                "en": "Naming rights ended: what no gathering can earn any more goes back",
                "zh": "冠名权终止：不再有活动可获得的部分退回",
            },
            "naming_rights_id": self.id,
        }
        return transfer(
            derived_id("ent", self.id, part),
            self.account,
            available_of(self.brand_id),
            amount,
            "naming-returned",
            reason,
            reference=self.id,
        )

    def end(self, *, at: datetime) -> Decision[NamingRights]:
        """Close the package: the rest is back."""
        ended = NamingEnded(occurred_at=at, naming_rights_id=self.id, returned=self.unearned)
        return Decision(replace(self, state=NamingState.ENDED), (ended,))

    @property
    def _spoken_for(self) -> frozenset[str]:
        """The gatherings that have a part or will: none of them is counted twice."""
        return frozenset((*self.earned, *self.reserved))

    @property
    def _has_a_part_left(self) -> bool:
        is_open = self.state is NamingState.ACCEPTED
        return is_open and len(self._spoken_for) < self.gatherings

    def _parts(self, number: int) -> Money:
        return Money(self.price.minor * number // self.gatherings, self.price.currency)

    def _require(self, state: NamingState) -> None:
        if self.state is not state:
            raise NotOpenForThat(f"{self.id} is {self.state}")


def propose(
    *,
    naming_rights_id: str,
    brand_id: str,
    host_id: str,
    price: Money,
    gatherings: int,
    terms: Mapping[str, int],
) -> Decision[NamingRights]:
    """Offer a host a package; raise ``NamingTermsInvalid``."""
    points = [terms.get(HOST, -1), terms.get(PLATFORM, -1)]
    if set(terms) != {HOST, PLATFORM} or min(points) < 0 or sum(points) != WHOLE:
        raise NamingTermsInvalid(f"got {dict(terms)}")
    nothing = Money(0, price.currency)
    return Decision(
        NamingRights(
            naming_rights_id,
            brand_id,
            host_id,
            price,
            gatherings,
            dict(terms),
            NamingState.PROPOSED,
            nothing,
            nothing,
        )
    )
