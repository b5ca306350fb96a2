"""A soft hold: packs of a lot that a clearing keeps for one host until a moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, Forbidden, NotFound
from chassis.kernel.money import Money
from chassis.kernel.time import to_rfc3339
from services.matching.offers.domain import OfferedLot, Sentence
from services.matching.offers.engine.facts import Held, HostFacts

HELD_FOR = timedelta(hours=48)
KEPT = timedelta(days=400)
"""How long after its end a hold can be read; as long as the assignment it came from."""


class HoldNotFound(NotFound):
    """Nothing is held for you under that identifier."""

    code = "hold-not-found"
    hint = "List your holds and take the identifier from there."
    chinese = "没有为您预留的该编号记录，请从您的预留列表中选取。"


class HoldEnded(Conflict):
    """The hold does not stand any more."""

    code = "hold-ended"
    hint = "Nothing is left to give back: it was claimed, given back or ran out."
    chinese = "该预留已不再有效：已认领、已放弃或已到期，无需再放弃。"


class HoldsOfAnotherHost(Forbidden):
    """What is held for a host is for that host to read."""

    code = "holds-of-another-host"
    hint = "Act for that host's organisation to read what is held for it."
    chinese = "只有该主理人可以查看为其预留的货品。"


class HeldForAnother(Conflict):
    """The packs that are free are held for other hosts."""

    code = "held-for-another"
    hint = "Ask for fewer packs, choose another lot, or try again from the time in `again_at` on."
    chinese = "剩余的包已为其他主理人预留；请减少数量、选择其他批次，或在 again_at 之后再试。"


class Standing(StrEnum):
    """Where a hold stands at a moment."""

    STANDING = "standing"
    CLAIMED = "claimed"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a host was given this: of value to her and the brand, at a price, before others.

    ``value`` and ``price`` are in milli-points, ``others`` counts the hosts who wanted the
    lot too, ``bound_by`` names the limit that kept it from them. ``host_wants`` and
    ``brand_accepts`` are in thousandths, what both make of the pair, of which the value is the
    product; without the latter it is what its host makes of it.
    """

    value: int
    price: float
    others: int
    bound_by: str
    host_wants: int | None = None
    brand_accepts: int | None = None


def words_of(why: Why) -> Sentence:
    """The reason in a sentence of both languages."""
    worth, bound = _worth(why, f"{why.value / 1000:.3f}"), _BOUND_BY[why.bound_by]
    price = _price(round(why.price / 1000, 3) + 0.0)
    others = _others(why.others)
    return Sentence(
        f"{worth.english}, at a shadow price of {price.english}; {others.english}. "
        f"{bound.english}",
        f"{worth.chinese}，影子价格 {price.chinese}；{others.chinese}。{bound.chinese}",
    )


def _price(points: float) -> Sentence:
    """Of these points. Below zero it is by the bonus for a brand's first, and nothing else."""
    if points >= 0:
        return Sentence(f"{points:.3f} of these points", f"{points:.3f} 分")
    return Sentence(
        f"{points:.3f} of these points, below zero by the bonus for its brand's first gathering",
        f"{points:.3f} 分（因品牌首场活动的奖励而低于零）",
    )


def _others(count: int) -> Sentence:
    if not count:
        return Sentence("no other host wanted it", "没有其他主理人想要")
    hosts = "1 other host" if count == 1 else f"{count} other hosts"
    return Sentence(f"{hosts} wanted it too", f"另有 {count} 位主理人也想要")


def _worth(why: Why, points: str) -> Sentence:
    if why.host_wants is None or why.brand_accepts is None:
        return Sentence(
            f"It is worth {points} points to its host", f"对主理人的价值为 {points} 分"
        )
    wants, accepts = f"{why.host_wants / 1000:.3f}", f"{why.brand_accepts / 1000:.3f}"
    return Sentence(
        f"It is worth {points} points to both: the host wants it with {wants}, "
        f"the brand accepts her with {accepts}",
        f"对双方的价值为 {points} 分：主理人意愿 {wants}，品牌接受度 {accepts}",
    )


_BOUND_BY = {
    "host-capacity": Sentence(
        "What bound here is how many gatherings the host can hold.",
        "此处的限制是主理人可承办的活动数量。",
    ),
    "lot-units": Sentence(
        "What bound here is how many packs there are.", "此处的限制是货品的包数。"
    ),
    "brand-budget": Sentence(
        "What bound here is the brand's budget for subsidies.", "此处的限制是品牌的补贴预算。"
    ),
    "nothing": Sentence("No limit kept it from others.", "没有任何限制使他人得不到它。"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Packs of a lot for one host until a moment; ``subsidy`` is what a claim would get then.

    ``title`` is the lot's, empty of holds of before it was kept. It ends by itself: nothing
    has to happen at ``until``.
    """

    id: str
    host_id: str
    lot_id: str
    brand_id: str
    offer_id: str
    packs: int
    subsidy: Money
    clearing_id: str
    why: Why
    title: str = ""
    placed_at: datetime
    until: datetime
    is_newcomer: bool = False
    claim_id: str | None = None
    released_at: datetime | None = None
    revision: Revision = Revision()

    @property
    def held(self) -> Held:
        """What the lot is told of it."""
        return Held(
            host_id=self.host_id,
            packs=self.packs,
            until=self.until,
            is_newcomer=self.is_newcomer,
        )

    def standing(self, now: datetime) -> Standing:
        """Where it stands at this moment."""
        if self.claim_id is not None:
            return Standing.CLAIMED
        if self.released_at is not None:
            return Standing.RELEASED
        return Standing.STANDING if now < self.until else Standing.EXPIRED

    def claim(self, claim_id: str, *, now: datetime) -> Decision[Hold]:
        """A claim of its host takes its packs."""
        self._must_stand(now)
        return Decision(replace(self, claim_id=claim_id))

    def come_back(self) -> Decision[Hold]:
        """The claim that took its packs came to nothing: it stands until its first end."""
        return Decision(replace(self, claim_id=None))

    def pass_on(self, claim_id: str) -> Decision[Hold]:
        """The claim that took its packs came to nothing, another of its host has them."""
        return Decision(replace(self, claim_id=claim_id))

    def release(self, *, now: datetime) -> Decision[Hold]:
        """Its host gives it back."""
        self._must_stand(now)
        return Decision(replace(self, released_at=now))

    def _must_stand(self, now: datetime) -> None:
        found = self.standing(now)
        if found is not Standing.STANDING:
            raise HoldEnded(f"the hold is {found}", state=str(found))


class EndedHold(NamedTuple):
    """A hold whose time is over: for whom, its milli-points to her, and if it was claimed."""

    host_id: str
    value: int
    is_claimed: bool


def must_be_free(
    lot: OfferedLot, host: HostFacts, packs: int, *, asked: int, now: datetime
) -> None:
    """Raise ``HeldForAnother`` when a claim of so many packs would take what is held for others.

    ``asked`` are packs of claims that the lot has not been told of yet. Where nothing is
    held for others nothing is refused: the catalog has the last word on what is free.
    """
    others = [each for each in lot.held.values() if _is_of_another(each, host.host_id, now)]
    if not others:
        return
    free = _free_for(lot, host, asked, now)
    if packs > free:
        raise HeldForAnother(
            f"{packs} packs asked, {free} free for you",
            free=free,
            again_at=to_rfc3339(_again_at(lot, host, packs, asked, others)),
        )


def _again_at(
    lot: OfferedLot, host: HostFacts, packs: int, asked: int, others: list[Held]
) -> datetime:
    """The first end of a hold from which there would be enough; the last when none would do."""
    ends = sorted(each.until for each in others)
    enough = (end for end in ends if _free_for(lot, host, asked, end) >= packs)
    return next(enough, ends[-1])


def _free_for(lot: OfferedLot, host: HostFacts, asked: int, now: datetime) -> int:
    facts = lot.facts()
    mine = sum(
        each.packs for each in facts.held if each.host_id == host.host_id and now < each.until
    )
    return max(facts.free_for(host, now) - asked, min(mine, facts.packs_free))


def _is_of_another(held: Held, host_id: str, now: datetime) -> bool:
    return held.host_id != host_id and now < held.until
