"""What the parts of matching are put together from."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.saga import Sagas
from chassis.settings import SettingsError
from services.matching.attendance.api import Door
from services.matching.attendance.queries import MongoTurnouts
from services.matching.attendance.repositories import MongoInvitations, MongoTickets
from services.matching.audits.api import Auditing
from services.matching.audits.queries import MongoAuditLists, MongoBooks
from services.matching.audits.repositories import MongoAudits
from services.matching.behaviour.queries import BehaviourQueries
from services.matching.behaviour.repositories import MongoBehaviour
from services.matching.claims import handlers as claim_handlers
from services.matching.claims.api import Counter
from services.matching.claims.queries import MongoAsked, MongoClaimLists, MongoTaken
from services.matching.claims.repositories import MongoClaims
from services.matching.claims.use_cases import Applicants, Docket, KitBook
from services.matching.clearings.adapters.market import MongoMarket
from services.matching.clearings.adapters.solving import SolvedApart
from services.matching.clearings.api import ClearingDesk
from services.matching.clearings.queries import MongoClearingLists, MongoEnded
from services.matching.clearings.repositories import MongoAssignments, MongoClearings
from services.matching.clearings.use_cases import Bench
from services.matching.communities.repositories import MongoCommunities
from services.matching.doors.use_cases import DoorKeys
from services.matching.exposures.adapters import ExposuresLater
from services.matching.exposures.repositories import MongoExposureNotes
from services.matching.fits.adapters import RecentLineups
from services.matching.fits.api import Matchmaker
from services.matching.fits.queries import MongoGallery, MongoSupply
from services.matching.gatherings import handlers as gathering_handlers
from services.matching.gatherings.api import Desk
from services.matching.gatherings.queries import MongoGatheringLists
from services.matching.gatherings.repositories import MongoGatherings
from services.matching.gatherings.use_cases import Planning, Programme
from services.matching.holds.queries import MongoHoldLists
from services.matching.holds.repositories import MongoHolds
from services.matching.holds.use_cases import HoldDesk
from services.matching.models.adapters import PromotedModels
from services.matching.models.api import School
from services.matching.models.documents import MODELS
from services.matching.models.queries import MongoExposureLog, MongoModelLists
from services.matching.models.repositories import MongoModels
from services.matching.offers.adapters import LiveRanking, RecentHosts, RecentLots, Snapshots
from services.matching.offers.api import Showing, hourly
from services.matching.offers.engine.search import Search
from services.matching.offers.repositories import (
    MongoDemands,
    MongoOfferBook,
    MongoShelf,
)
from services.matching.offers.use_cases import Ranking
from services.matching.organizations.repositories import MongoOrganizations
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from services.matching.planner.queries import MongoParts
from services.matching.planner.use_cases import Planner
from services.matching.registrations.api import Register
from services.matching.registrations.queries import MongoGuestLists
from services.matching.registrations.repositories import MongoRegistrations
from services.matching.sales.api import Till
from services.matching.sales.handlers import refund_plan
from services.matching.sales.queries import MongoSaleLists
from services.matching.sales.repositories import MongoSales
from services.matching.settings import MatchingSettings
from services.matching.supply.repositories import MongoCartridges, MongoKits, MongoSlots


class Kept:
    """All that matching keeps, and the sagas that run over it."""

    def __init__(self, clock: Clock) -> None:
        self.pictures, self.past = MongoPictures(), MongoPast()
        self.hosts = RecentHosts(MongoCommunities(), self.pictures)
        self.communities, self.book = MongoCommunities(self.hosts.forget), MongoOfferBook()
        self.slots, self.cartridges, self.kits = MongoSlots(), MongoCartridges(), MongoKits()
        self.claims, self.gatherings, self.sales = MongoClaims(), MongoGatherings(), MongoSales()
        self.tickets, self.organizations = MongoTickets(), MongoOrganizations()
        self.behaviour, self.gathering_lists = MongoBehaviour(), MongoGatheringLists()
        self.programme = Programme(slots=self.slots, cartridges=self.cartridges)
        self.applicants = Applicants(self.communities, BehaviourQueries())
        self.holds = HoldDesk(MongoHolds(), MongoShelf(), MongoAsked())
        docket = Docket(self.claims, self.holds, self.book)
        self.sagas = Sagas(
            [
                claim_handlers.claim_plan(docket, clock),
                claim_handlers.kit_claim_plan(docket, clock),
                claim_handlers.claim_return_plan(),
                claim_handlers.kit_return_plan(),
                gathering_handlers.booking_plan(self.gatherings, self.claims, clock),
                gathering_handlers.settlement_plan(
                    self.gatherings, self.claims, self.behaviour, clock
                ),
                gathering_handlers.cancellation_plan(),
                gathering_handlers.kit_cancellation_plan(),
                refund_plan(self.gatherings, self.sales, self.behaviour, clock),
            ]
        )


def ranking_of(
    settings: MatchingSettings,
    kept: Kept,
    promoted: PromotedModels,
    lots: RecentLots,
    clock: Clock,
) -> LiveRanking:
    """What offers rank by; raise ``SettingsError`` when what is asked for is not installed."""
    return LiveRanking(
        clock,
        promoted.ranking,
        models=MODELS,
        search=_search(settings),
        lots=lots,
        hosts=kept.hosts,
        snapshots=Snapshots(Path(settings.snapshot_dir)) if settings.snapshot_dir else None,
    )


def showing_of(settings: MatchingSettings, ids: Ids) -> Showing:
    """What it takes to show a list of offers and to note that it was shown."""
    key = settings.client_secret.encode()
    seeds = hourly(key or secrets.token_bytes())
    return Showing(seeds, ExposuresLater(MongoExposureNotes()), ids, key)


def desk_of(kept: Kept, clock: Clock, ids: Ids) -> Desk:
    """Where gatherings are planned and decided."""
    return Desk(
        gatherings=kept.gatherings,
        lists=kept.gathering_lists,
        claims=kept.claims,
        planning=Planning(
            gatherings=kept.gatherings,
            claims=kept.claims,
            programme=kept.programme,
            communities=kept.communities,
            organizations=kept.organizations,
            deeds=BehaviourQueries(),
            sagas=kept.sagas,
        ),
        behaviour=kept.behaviour,
        sagas=kept.sagas,
        clock=clock,
        ids=ids,
    )


def door_of(kept: Kept, door_keys: DoorKeys, clock: Clock, ids: Ids) -> Door:
    """Where guests are invited and let in."""
    return Door(
        gatherings=kept.gatherings,
        tickets=kept.tickets,
        invitations=MongoInvitations(),
        turnouts=MongoTurnouts(),
        communities=kept.communities,
        door_keys=door_keys,
        behaviour=kept.behaviour,
        clock=clock,
        ids=ids,
    )


def register_of(kept: Kept, door_keys: DoorKeys, clock: Clock) -> Register:
    """Where guests answer."""
    return Register(
        gatherings=kept.gatherings,
        registrations=MongoRegistrations(),
        guests=MongoGuestLists(),
        door_keys=door_keys,
        clock=clock,
    )


def till_of(kept: Kept, clock: Clock, ids: Ids) -> Till:
    """Where things are sold and taken back."""
    return Till(
        gatherings=kept.gatherings,
        tickets=kept.tickets,
        sales=kept.sales,
        lists=MongoSaleLists(),
        book=kept.book,
        sagas=kept.sagas,
        clock=clock,
        ids=ids,
    )


def counter_of(kept: Kept, clock: Clock, ids: Ids) -> Counter:
    """Where packs and kits are claimed."""
    return Counter(
        claims=kept.claims,
        lists=MongoClaimLists(),
        kits=KitBook(kept.kits, kept.cartridges),
        book=kept.book,
        applicants=kept.applicants,
        holds=kept.holds,
        sagas=kept.sagas,
        clock=clock,
        ids=ids,
    )


def planner_of(kept: Kept) -> Planner:
    """What searches for combinations."""
    return Planner(
        parts=MongoParts(),
        programme=kept.programme,
        applicants=kept.applicants,
        organizations=kept.organizations,
        taken=MongoTaken(),
        deeds=BehaviourQueries(),
    )


def matchmaker_of(kept: Kept, ranking: Ranking, clock: Clock) -> Matchmaker:
    """What weighs hosts and brands for each other."""
    return Matchmaker(
        communities=kept.communities,
        past=kept.past,
        ranking=ranking,
        supply=MongoSupply(),
        gallery=MongoGallery(),
        lineups=RecentLineups(),
        clock=clock,
    )


def auditing_of(clock: Clock, ids: Ids) -> Auditing:
    """Where audits are made and read."""
    return Auditing(
        books=MongoBooks(), audits=MongoAudits(), lists=MongoAuditLists(), clock=clock, ids=ids
    )


def school_of(clock: Clock, ids: Ids) -> School:
    """Where models are learned, judged and promoted."""
    return School(
        models=MongoModels(),
        lists=MongoModelLists(),
        exposures=MongoExposureLog(),
        clock=clock,
        ids=ids,
    )


def clearing_desk_of(clock: Clock, ids: Ids) -> ClearingDesk:
    """Where clearings are asked for and read."""
    return ClearingDesk(
        clearings=MongoClearings(), lists=MongoClearingLists(), clock=clock, ids=ids
    )


def bench_of(settings: MatchingSettings, kept: Kept) -> Bench:
    """What clears the market."""
    return Bench(
        clearings=MongoClearings(),
        assignments=MongoAssignments(),
        gather=MongoMarket(
            promoted=PromotedModels(MongoModels()).ranking,
            claims_each=settings.clearing_claims_each,
        ),
        solve=SolvedApart(),
        desk=kept.holds,
        book=kept.book,
        demands=MongoDemands(),
        ended=MongoEnded(MongoHoldLists().ended),
        settle_seconds=settings.clearing_settle_seconds,
        wait=time.sleep,
    )


def _search(settings: MatchingSettings) -> type[Search]:
    """How offers are searched; raise ``SettingsError`` when what is asked for is not installed."""
    if not settings.compiled_ranking:
        return Search
    try:
        # Late, for it compiles when it is imported, and most go without.
        from services.matching.offers.engine.compiled import CompiledSearch  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingsError(
            "MATCHING_COMPILED_RANKING: numba is not installed; install teahouse[fast]"
        ) from error
    return CompiledSearch
