"""Where matching is put together; the only module that knows every other."""

from __future__ import annotations

import secrets
import time
from functools import partial
from pathlib import Path

from chassis.auth import Keys
from chassis.clock import clock_of
from chassis.inbox import joined
from chassis.kernel.ids import id_maker
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import connect
from chassis.permissions import Permission
from chassis.saga import Sagas
from chassis.settings import SettingsError
from chassis.signer import Signer
from chassis.web import ServiceApp, history_blueprint, signer_blueprint
from chassis.worker import Subscription, Task, Worker
from services.matching.attendance.api import Door, attendance_blueprint
from services.matching.attendance.queries import MongoTurnouts
from services.matching.attendance.repositories import MongoInvitations, MongoTickets
from services.matching.audits.api import Auditing, audits_blueprint
from services.matching.audits.handlers import audit_daily
from services.matching.audits.queries import MongoAuditLists, MongoBooks
from services.matching.audits.repositories import MongoAudits
from services.matching.behaviour.api import behaviour_blueprint
from services.matching.behaviour.queries import BehaviourQueries
from services.matching.behaviour.repositories import MongoBehaviour
from services.matching.claims import handlers as claim_handlers
from services.matching.claims.api import Counter, claims_blueprint
from services.matching.claims.queries import MongoAsked, MongoClaimLists, MongoTaken
from services.matching.claims.repositories import MongoClaims
from services.matching.claims.use_cases import Applicants, Docket, KitBook
from services.matching.clearings.adapters.market import MongoMarket
from services.matching.clearings.adapters.solving import SolvedApart
from services.matching.clearings.api import ClearingDesk, clearings_blueprint
from services.matching.clearings.handlers import ask_each_week, clear_next
from services.matching.clearings.queries import MongoClearingLists
from services.matching.clearings.repositories import MongoAssignments, MongoClearings
from services.matching.clearings.use_cases import Bench
from services.matching.communities.api import communities_blueprint
from services.matching.communities.queries import MongoCommunityLists
from services.matching.communities.repositories import MongoCommunities
from services.matching.doors.adapters import SignedDoorCodes
from services.matching.exposures.adapters import ExposuresLater
from services.matching.exposures.repositories import MongoExposureNotes
from services.matching.fits.api import Matchmaker, fits_blueprint
from services.matching.fits.queries import MongoGallery, MongoSupply
from services.matching.gatherings import handlers as gathering_handlers
from services.matching.gatherings.api import Desk, gatherings_blueprint
from services.matching.gatherings.queries import MongoGatheringLists
from services.matching.gatherings.repositories import MongoGatherings
from services.matching.gatherings.use_cases import Planning, Programme
from services.matching.holds.api import holds_blueprint
from services.matching.holds.queries import MongoHoldLists
from services.matching.holds.repositories import MongoHolds
from services.matching.holds.use_cases import HoldDesk
from services.matching.models.adapters import PromotedModels
from services.matching.models.api import School, models_blueprint, trials_blueprint
from services.matching.models.documents import MODELS
from services.matching.models.queries import MongoExposures, MongoModelLists
from services.matching.models.repositories import MongoModels
from services.matching.offers import handlers as offer_handlers
from services.matching.offers.adapters import LiveRanking, RecentHosts, RecentLots, Snapshots
from services.matching.offers.api import Showing, offers_blueprint
from services.matching.offers.engine.search import Search
from services.matching.offers.repositories import (
    MongoDemands,
    MongoOfferBook,
    MongoOfferNotes,
    MongoShelf,
)
from services.matching.offers.use_cases import HostBook, OffersTold
from services.matching.organizations.handlers import organization_handlers
from services.matching.organizations.repositories import MongoOrganizations
from services.matching.pictures.api import pictures_blueprint
from services.matching.pictures.handlers import draw_all_due, picture_handlers
from services.matching.pictures.queries import MongoPast
from services.matching.pictures.repositories import MongoPictures
from services.matching.planner.api import planner_blueprint
from services.matching.planner.queries import MongoParts
from services.matching.planner.use_cases import Planner
from services.matching.registrations.api import Register, registrations_blueprint
from services.matching.registrations.handlers import forget_all_due
from services.matching.registrations.queries import MongoGuestLists
from services.matching.registrations.repositories import MongoRegistrations
from services.matching.sales.api import Till, sales_blueprint
from services.matching.sales.handlers import refund_plan
from services.matching.sales.queries import MongoSaleLists
from services.matching.sales.repositories import MongoSales
from services.matching.settings import MatchingSettings
from services.matching.supply import handlers as supply_handlers
from services.matching.supply.repositories import MongoCartridges, MongoKits, MongoSlots

WEEKLY_SECONDS = 60.0
"""How often it is looked whether a week's clearing was asked for."""

PROJECTED = (
    "teahouse.catalog.lot",
    "teahouse.catalog.offer",
    "teahouse.catalog.venue",
    "teahouse.catalog.cartridge",
    "teahouse.catalog.kit",
    "teahouse.catalog.shipment",
    "teahouse.matching.claim",
    "teahouse.matching.community",
    "teahouse.matching.gathering",
    "teahouse.identity.organization",
)


class _Kept:
    """All that matching keeps, and the sagas that run over it."""

    def __init__(self, clock: Clock) -> None:
        self.pictures, self.past = MongoPictures(), MongoPast()
        self.hosts = RecentHosts(MongoCommunities(), self.pictures)
        self.communities, self.book = MongoCommunities(self.hosts.forget), MongoOfferBook()
        self.slots, self.cartridges, self.kits = MongoSlots(), MongoCartridges(), MongoKits()
        self.claims, self.gatherings, self.sales = MongoClaims(), MongoGatherings(), MongoSales()
        self.tickets, self.organizations = MongoTickets(), MongoOrganizations()
        self.behaviour, self.gathering_lists = MongoBehaviour(), MongoGatheringLists()
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


def create_app(
    settings: MatchingSettings | None = None, *, keys: Keys | None = None
) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.matching.app:create_app()'``."""
    settings = settings or MatchingSettings.from_env("matching")
    connect(settings.mongo_uri)
    clock, ids, signer = clock_of(settings), id_maker(system_clock), Signer()
    kept, models, lots = _Kept(clock), MongoModels(), RecentLots()
    ranked_by = PromotedModels(models)
    ranking = LiveRanking(
        clock,
        ranked_by.ranking,
        models=MODELS,
        search=_search(settings),
        lots=lots,
        hosts=kept.hosts,
        snapshots=Snapshots(Path(settings.snapshot_dir)) if settings.snapshot_dir else None,
    )
    desk = Desk(
        gatherings=kept.gatherings,
        lists=kept.gathering_lists,
        claims=kept.claims,
        planning=Planning(
            gatherings=kept.gatherings,
            claims=kept.claims,
            programme=Programme(slots=kept.slots, cartridges=kept.cartridges),
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
    door = Door(
        gatherings=kept.gatherings,
        tickets=kept.tickets,
        invitations=MongoInvitations(),
        turnouts=MongoTurnouts(),
        communities=kept.communities,
        door_keys=SignedDoorCodes(signer),
        behaviour=kept.behaviour,
        clock=clock,
        ids=ids,
    )
    register = Register(
        gatherings=kept.gatherings,
        registrations=MongoRegistrations(),
        guests=MongoGuestLists(),
        door_keys=door.door_keys,
        clock=clock,
    )
    till = Till(
        gatherings=kept.gatherings,
        tickets=kept.tickets,
        sales=kept.sales,
        lists=MongoSaleLists(),
        book=kept.book,
        sagas=kept.sagas,
        clock=clock,
        ids=ids,
    )
    counter = Counter(
        claims=kept.claims,
        lists=MongoClaimLists(),
        kits=KitBook(kept.kits, kept.cartridges),
        book=kept.book,
        applicants=Applicants(kept.communities, BehaviourQueries()),
        holds=kept.holds,
        sagas=kept.sagas,
        clock=clock,
        ids=ids,
    )
    planner = Planner(
        parts=MongoParts(),
        programme=desk.planning.programme,
        applicants=counter.applicants,
        organizations=kept.organizations,
        taken=MongoTaken(),
        deeds=BehaviourQueries(),
    )
    auditing = Auditing(
        books=MongoBooks(), audits=MongoAudits(), lists=MongoAuditLists(), clock=clock, ids=ids
    )
    school = School(
        models=models,
        lists=MongoModelLists(),
        exposures=MongoExposures(),
        clock=clock,
        ids=ids,
    )
    app = ServiceApp(settings, keys=keys)
    app.readiness.add("offers", ranking.is_ready)
    app.register(
        communities_blueprint(kept.communities, MongoCommunityLists(), clock, ids),
        offers_blueprint(
            ranking,
            ranked_by,
            lots,
            HostBook(kept.hosts, MongoTaken(), OffersTold()),
            Showing(
                secrets.randbits,
                ExposuresLater(MongoExposureNotes()),
                ids,
                settings.client_secret.encode(),
            ),
            clock,
        ),
        holds_blueprint(kept.holds, MongoHoldLists(), clock),
        pictures_blueprint(kept.communities, kept.past, clock),
        fits_blueprint(
            Matchmaker(
                communities=kept.communities,
                past=kept.past,
                ranking=ranking,
                supply=MongoSupply(),
                gallery=MongoGallery(),
                clock=clock,
            )
        ),
        claims_blueprint(counter),
        planner_blueprint(planner, clock),
        gatherings_blueprint(desk),
        attendance_blueprint(door),
        registrations_blueprint(register),
        sales_blueprint(till),
        behaviour_blueprint(BehaviourQueries()),
        audits_blueprint(auditing),
        models_blueprint(school),
        trials_blueprint(school),
        signer_blueprint(signer, Permission.MATCHING_KEY_ROTATE),
        clearings_blueprint(
            ClearingDesk(
                clearings=MongoClearings(), lists=MongoClearingLists(), clock=clock, ids=ids
            )
        ),
        history_blueprint(),
    )
    return app


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


def create_worker(settings: MatchingSettings | None = None) -> Worker:
    """Build the worker: answers and facts in, events out, and what is due by the clock."""
    settings = settings or MatchingSettings.from_env("matching")
    connect(settings.mongo_uri)
    clock = clock_of(settings)
    kept = _Kept(clock)
    facts = joined(
        offer_handlers.handlers(MongoOfferNotes()), picture_handlers(kept.pictures, kept.past)
    )
    facts |= supply_handlers.handlers(kept.slots, kept.cartridges, kept.kits)
    facts |= organization_handlers(kept.organizations)
    facts |= gathering_handlers.shipment_handlers(kept.gatherings, kept.claims, kept.sagas, clock)
    approve = partial(
        gathering_handlers.approve_all_in_silence,
        kept.gathering_lists,
        kept.gatherings,
        kept.sagas,
        clock,
    )
    review = partial(
        gathering_handlers.review_all_overdue, kept.gathering_lists, kept.gatherings, clock
    )
    draw = partial(draw_all_due, kept.pictures, kept.communities, kept.past)
    forget = partial(forget_all_due, MongoRegistrations(), clock)
    audit = partial(audit_daily, MongoBooks(), MongoAudits(), clock)
    replies = ["teahouse.matching.saga-replies"]
    return Worker(
        settings,
        subscriptions=[
            Subscription("matching.saga", replies, kept.sagas.handlers()),
            Subscription("matching.projection", PROJECTED, facts, is_urgent=False, is_shown=True),
        ],
        tasks=[
            Task("sagas", settings.saga_sweep_seconds, kept.sagas.sweep),
            Task("approvals", settings.approval_sweep_seconds, approve),
            Task("reviews", settings.review_sweep_seconds, review),
            Task("pictures", settings.picture_sweep_seconds, draw),
            Task("forget-answers", settings.review_sweep_seconds, forget),
            Task("audits", settings.audit_sweep_seconds, audit),
            *_clearing(settings, kept, clock),
        ],
    )


def _clearing(settings: MatchingSettings, kept: _Kept, clock: Clock) -> list[Task]:
    """What clears the market: asked for, and once a week where that is set."""
    bench = Bench(
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
        settle_seconds=settings.clearing_settle_seconds,
        wait=time.sleep,
    )
    ask = partial(ask_each_week, bench.clearings, id_maker(system_clock), clock)
    weekly = [Task("weekly-clearing", WEEKLY_SECONDS, ask)] if settings.clearing_weekly else []
    clear = partial(clear_next, bench, clock)
    return [Task("clearings", settings.clearing_sweep_seconds, clear), *weekly]
