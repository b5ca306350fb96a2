"""What a host would claim of each kit: all of it, with the best subsidy of each of its brands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from chassis.kernel.errors import RuleBroken
from services.matching.claims.domain import Claim, NotEligible, claim_kit, must_be_eligible
from services.matching.communities.domain import Community
from services.matching.gatherings.domain import must_be_of_kit
from services.matching.offers.domain import SubsidyOffer
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.engine.rules import brand_subsidy
from services.matching.offers.use_cases import Taken, room_for
from services.matching.planner.domain import About, PacksNotFree, Tally
from services.matching.planner.use_cases.ports import KitClaim, KitDeal, SearchPlans


class KitJudge:
    """Asks the rules of claims which kits a host could claim now; they need no ids.

    Of each brand in a kit the highest subsidy is taken that the host would really get: open,
    in the kit's currency, within its caps, for these people, and earned by as many as are
    planned. A brand may give none. Fewer or lower ones never cost less.
    """

    def __init__(
        self,
        command: SearchPlans,
        *,
        community: Community,
        settled: int,
        taken: Taken,
        tally: Tally,
        now: datetime,
    ) -> None:
        self._command, self._community, self._now = command, community, now
        self._settled, self._taken, self._tally = settled, taken, tally
        self._host = HostFacts(host_id=command.host_id, has_record=settled > 0)

    def claims(self, deals: Sequence[KitDeal]) -> Iterator[KitClaim]:
        """What claiming each would ask for; those that a rule bars are counted, and left out."""
        for deal in deals:
            try:
                yield KitClaim(self._claimed(deal), deal.kit.title)
            except RuleBroken as refusal:
                self._tally.note(About.KIT, refusal)

    def _claimed(self, deal: KitDeal) -> Claim:
        must_be_of_kit(deal.kit, self._command.cartridge_digest)
        made = claim_kit(
            "",
            community=self._community,
            kit=deal.kit,
            terms_digest=deal.kit.terms_digest,
            lots=deal.lots,
            offers=self._best(deal),
            settled=self._settled,
            now=self._now,
        ).state
        self._must_have_enough(deal)
        return made

    def _must_have_enough(self, deal: KitDeal) -> None:
        """Raise ``PacksNotFree`` where less of a lot is free for her than its lines ask."""
        wanted: Counter[str] = Counter()
        for line in deal.kit.lines:
            wanted[line.lot_id] += line.packs
        for lot in deal.lots:
            if wanted[lot.id] > lot.facts().free_for(self._host, self._now):
                raise PacksNotFree

    def _best(self, deal: KitDeal) -> list[SubsidyOffer]:
        """One offer a brand at most, in the order of the kit's brands; of equals the easiest."""
        best: dict[str, SubsidyOffer] = {}
        usable = (offer for offer in deal.offers if self._is_given(offer, deal))
        for offer in sorted(usable, key=self._order):
            best.setdefault(offer.brand_id, offer)
        return [best[brand] for brand in deal.kit.brand_ids if brand in best]

    def _is_given(self, offer: SubsidyOffer, deal: KitDeal) -> bool:
        """Whether a claim of the kit could have this subsidy, and earn it."""
        facts, now = offer.facts(), self._now
        if offer.closed is not None or brand_subsidy([facts], now).reason:
            return False
        if offer.subsidy.currency != deal.kit.price.currency:
            return False
        if offer.min_checked_in > self._command.people:
            return False
        room = room_for(self._command.host_id, facts, self._taken, now)
        return not room.reasons_against(self._amount(offer)) and self._is_met(offer, deal)

    def _is_met(self, offer: SubsidyOffer, deal: KitDeal) -> bool:
        packs = sum(line.packs for line in deal.kit.lines)
        asked = self._community.portrait.claim_facts(packs=packs, settled=self._settled)
        try:
            must_be_eligible(offer, asked)
        except NotEligible:
            return False
        return True

    def _order(self, offer: SubsidyOffer) -> tuple[int, int, str]:
        return -self._amount(offer), offer.min_checked_in, offer.id

    def _amount(self, offer: SubsidyOffer) -> int:
        """Minor units; a kit's subsidies do not rise as goods near their best-before date."""
        return offer.worth(None, self._now).amount
