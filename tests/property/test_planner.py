"""Laws of the planner: what it finds is what trying everything finds, in the same order."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.kernel.errors import RuleBroken
from chassis.kernel.money import Money
from services.matching.claims.domain import Goods, Status, Subsidy
from services.matching.claims.use_cases import (
    Applicants,
    KitBook,
    RequestClaim,
    RequestKit,
    request_claim,
    request_kit,
)
from services.matching.gatherings.use_cases import (
    PlanGathering,
    Planning,
    Programme,
    plan_gathering,
)
from services.matching.supply.domain import KitLine, SlotHold
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    STRANGER,
    TERMS,
    a_claim,
    a_community,
    a_kit,
    a_kit_claim,
    a_lot,
    a_version,
    an_id,
    an_offer,
    an_open_slot,
    counting_ids,
)
from tests.unit.matching.fakes import (
    FakeBehaviour,
    FakeBook,
    FakeClaims,
    FakeCommunities,
    FakeGatherings,
    FakeOrganizations,
    FakeSagas,
    Found,
    a_desk,
)
from tests.unit.matching.gatherings.test_themes import MANIFEST
from tests.unit.matching.planner.market import FakeParts, a_planner, searched

# Each of these examples is a whole market, planned in every way there is.
FEWER = settings().max_examples // 2
PEOPLE = 16
OWN, LOT, KIT = range(3)  # of equals in this order
NEVER_MET = Clause("never", "community_size > 40", "x", "x")
MINORS = st.sampled_from([0, 1, 20_000, 30_000, 50_000])


@st.composite
def lots(draw, number):
    return a_lot(
        id=an_id("lot", number),
        brand_id=draw(st.sampled_from([BRAND, OTHER_BRAND])),
        packs_free=draw(st.integers(0, 3)),
        min_community_size=draw(st.sampled_from([1, 40, 41])),
        closes_at=NOW + draw(st.sampled_from([timedelta(0), timedelta(days=1)])),
    )


@st.composite
def offers(draw, number):
    clauses = [(), (Clause("met", "city == 'beijing'", "x", "x"),), (NEVER_MET,)]
    venue = draw(st.sampled_from([500, 800]))
    return an_offer(
        id=an_id("off", number),
        brand_id=draw(st.sampled_from([BRAND, OTHER_BRAND])),
        subsidy=Money(draw(MINORS), "CNY"),
        min_checked_in=draw(st.sampled_from([1, PEOPLE, PEOPLE + 1])),
        eligibility=draw(st.sampled_from(clauses)),
        terms=TERMS | {"venue": venue, "platform": 1_300 - venue},
    )


@st.composite
def slots(draw, number):
    ask = draw(
        st.one_of(
            MINORS.map(lambda minor: {"rent": Money(minor, "CNY")}),
            st.sampled_from([0, 600, 900]).map(lambda share: {"share_basis_points": share}),
            st.just({"naming": "At the Old Mill"}),
        )
    )
    holder = draw(st.sampled_from([HOST, STRANGER]))
    hold = SlotHold(holder, NOW + timedelta(hours=1), is_accepted=True)
    return an_open_slot(
        id=an_id("slt", number),
        capacity=draw(st.sampled_from([PEOPLE - 1, PEOPLE, 30])),
        equipment=draw(st.sampled_from([(), ("kettle",)])),
        # 17:00 and 16:00 in Shanghai: the theme with conditions is for evenings.
        starts_at=NOW.replace(hour=draw(st.sampled_from([9, 8]))) + timedelta(days=1),
        hold=draw(st.sampled_from([None, hold])),
        **ask,
    )


@st.composite
def markets(draw):
    versions = [
        a_version(
            name=f"theme-{number}",
            digest=f"sha256:{number}",
            max_people=draw(st.sampled_from([PEOPLE - 1, PEOPLE])),
            manifest=draw(st.sampled_from([None, MANIFEST])),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
    all_lots = [draw(lots(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    return FakeParts(
        all_lots,
        [draw(offers(number)) for number in range(1, draw(st.integers(1, 3)) + 1)],
        [draw(slots(number)) for number in range(1, draw(st.integers(1, 4)) + 1)],
        versions,
        claims=[draw(own_claims(number)) for number in range(1, draw(st.integers(0, 2)) + 1)],
        kits=[draw(kits(all_lots))] if draw(st.booleans()) else [],
    )


@st.composite
def kits(draw, all_lots):
    """A kit of one or two lines, two of the same lot among them."""
    chosen = draw(st.lists(st.sampled_from(all_lots), min_size=1, max_size=2))
    venue = draw(st.sampled_from([500, 800]))
    return a_kit(
        lines=tuple(
            KitLine(lot.id, lot.brand_id, draw(st.integers(1, 2)), 3_000) for lot in chosen
        ),
        capacity=draw(st.sampled_from([PEOPLE, PEOPLE + 1])),
        equipment=draw(st.sampled_from([(), ("kettle",)])),
        cartridge_digest=f"sha256:{draw(st.integers(0, 1))}",
        terms={"host": 2_000, "venue": venue, "author": 500, "platform": 500},
        closed=draw(st.sampled_from([None, None, None, "withdrawn"])),
    )


@st.composite
def own_claims(draw, number):
    if draw(st.booleans()):
        had = a_kit(
            id=an_id("kit", 8 + number),
            equipment=draw(st.sampled_from([(), ("kettle",)])),
            cartridge_digest="sha256:0",
        )
        return a_kit_claim(id=an_id("clm", number), kit=had)
    minor, venue = draw(MINORS), draw(st.sampled_from([500, 800]))
    money = Money(minor, "CNY")
    return a_claim(
        id=an_id("clm", number),
        goods=(Goods(lot_id=an_id("lot", 9), brand_id=BRAND, packs=1),),
        subsidies=(Subsidy(offer_id=an_id("off", 9), amount=money, base=money),),
        min_checked_in=draw(st.sampled_from([1, PEOPLE, PEOPLE + 1])),
        terms=TERMS | {"venue": venue, "platform": 1_300 - venue},
    )


def really_claimed(lot, offer):
    """The claim that the route for claims would make, or None."""
    claims = FakeClaims()
    try:
        made = request_claim(
            RequestClaim(
                organization_id=HOST,
                organization_kind="host",
                lot_id=lot.id,
                offer_id=offer.id,
                community_id=an_id("com"),
                packs=1,
            ),
            claims=claims,
            book=FakeBook([lot], offer),
            applicants=Applicants(FakeCommunities(a_community()), FakeBehaviour()),
            holds=a_desk(FakeBook([lot], offer)),
            sagas=FakeSagas(),
            ids=counting_ids(),
            now=NOW,
        )
        claims.save(made.confirm(an_id("rsv"), now=NOW))
    except RuleBroken:
        return None
    return claims.get(made.id)


def really_claimed_kit(kit, market):
    """The best claim that the route for kits would make, with whatever offers; or None."""
    made = []
    by_brand = [[None, *_offers_of(brand, market)] for brand in kit.brand_ids]
    for chosen in product(*by_brand):
        claims, book = FakeClaims(), FakeBook(market.lots, *market.offers)
        try:
            asked = request_kit(
                RequestKit(
                    organization_id=HOST,
                    organization_kind="host",
                    kit_id=kit.id,
                    terms_digest=kit.terms_digest,
                    community_id=an_id("com"),
                    offer_ids=[each.id for each in chosen if each],
                ),
                claims=claims,
                kits=KitBook(Found(**{kit.id: kit}), Found()),
                book=book,
                applicants=Applicants(FakeCommunities(a_community()), FakeBehaviour()),
                holds=a_desk(book),
                sagas=FakeSagas(),
                ids=counting_ids(),
                now=NOW,
            )
            claims.save(asked.confirm(an_id("rsv"), now=NOW))
        except RuleBroken:
            continue
        if asked.min_checked_in <= PEOPLE:
            made.append(claims.get(asked.id))
    return max(made, key=lambda claim: claim.subsidy.minor, default=None)


def _offers_of(brand, market):
    return [each for each in market.offers if each.brand_id == brand]


def has_packs_for(kit, market):
    """Whether the catalog would set all packs of it aside."""
    free = {lot.id: min(lot.packs_free, lot.max_packs_per_host) for lot in market.lots}
    for line in kit.lines:
        free[line.lot_id] -= line.packs
    return min(free.values()) >= 0


def really_planned(claim, slot, version) -> bool:
    """Whether the route for gatherings would take this plan."""
    try:
        plan_gathering(
            PlanGathering(
                host_id=HOST,
                title="Tea",
                claim_id=claim.id,
                venue_id=slot.venue_id,
                slot_id=slot.id,
                cartridge_digest=version.digest,
                people=PEOPLE,
                co_host_ids=(CO_HOST,),
            ),
            planning=Planning(
                gatherings=FakeGatherings(),
                claims=claims_with(claim),
                programme=Programme(
                    slots=Found(**{slot.id: slot}), cartridges=Found(**{version.digest: version})
                ),
                communities=FakeCommunities(a_community()),
                organizations=FakeOrganizations(),
                deeds=FakeBehaviour(),
                sagas=FakeSagas(),
            ),
            ids=counting_ids(),
            now=NOW,
        )
    except RuleBroken:
        return False
    return True


def claims_with(claim):
    assert claim.status is Status.CONFIRMED
    return FakeClaims(claim)


def all_that_can_be(market, contribution):
    """Every combination, tried by the routes' own use cases, with what it costs; sorted."""
    found = []
    for kind, claim in claims_to_plan_on(market):
        for slot in market.slots:
            if not slot.is_open_to(HOST, NOW):
                continue
            themes = [each.digest for each in market.versions if really_planned(claim, slot, each)]
            if themes:
                rent = slot.rent.minor if slot.rent else 0
                owed = max(0, rent - contribution)
                cost = max(0, owed - claim.subsidy.minor)
                left = max(0, claim.subsidy.minor - owed)
                name = {
                    OWN: (claim.id,),
                    LOT: (claim.lot_id, claim.offer_id),
                    KIT: (claim.kit_id,),
                }
                order = (cost, owed, -left, rent, slot.starts_at, slot.id, kind, *name[kind])
                found.append((order, slot.id, claim, themes))
    return sorted(found, key=lambda one: one[0])


def claims_to_plan_on(market):
    """Every claim there is or could be, and of which kind it is."""
    for own in market.claims:
        if own.min_checked_in <= PEOPLE:
            yield OWN, own
    for kit in market.all_kits:
        if (claim := really_claimed_kit(kit, market)) and has_packs_for(kit, market):
            yield KIT, claim
    for lot, offer in product(market.lots, market.offers):
        # What the catalog and the subsidy's own terms say beside matching's rules.
        if offer.brand_id != lot.brand_id or not lot.packs_free or offer.min_checked_in > PEOPLE:
            continue
        if claim := really_claimed(lot, offer):
            yield LOT, claim


class TestPlanner:
    @given(market=markets(), contribution=st.sampled_from([0, 10_000]))
    @settings(max_examples=FEWER)
    def test_finds_what_trying_everything_finds(self, market, contribution):
        found = searched(
            a_planner(market),
            people=PEOPLE,
            co_host_ids=(CO_HOST,),
            contribution=contribution,
            limit=50,
        )

        expected = all_that_can_be(market, contribution)
        assert [
            (
                each.cash.cost,
                each.lent.id,
                each.claim.lot_id,
                each.claim.offer_id,
                each.claim.kit_id,
                [theme.version.digest for theme in each.themes],
            )
            for each in found.combinations
        ] == [
            (order[0], slot_id, claim.lot_id, claim.offer_id, claim.kit_id, themes)
            for order, slot_id, claim, themes in expected
        ]
        assert [each.claim.id for each in found.combinations if each.is_claimed] == [
            claim.id for order, _, claim, _ in expected if order[6] == OWN
        ]
        assert found.is_complete
        for each in found.combinations:
            assert sum(line.minor for line in each.lines) == each.cash.cost - each.cash.left_over
        assert bool(found.missing) == (not expected or expected[0][0][0] > 0)
