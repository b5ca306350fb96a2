"""What clearings are worked out with in these tests, and a worker that dies."""

from __future__ import annotations

from services.matching.claims.queries import MongoAsked
from services.matching.clearings.adapters.market import MongoMarket
from services.matching.clearings.domain import Valuation
from services.matching.clearings.engine.clear import clear
from services.matching.clearings.queries import MongoEnded
from services.matching.clearings.repositories import MongoAssignments, MongoClearings
from services.matching.clearings.use_cases import Bench
from services.matching.holds.queries import MongoHoldLists
from services.matching.holds.repositories import MongoHolds
from services.matching.holds.use_cases import HoldDesk
from services.matching.models.adapters import PromotedModels
from services.matching.models.repositories import MongoModels
from services.matching.offers.repositories import MongoDemands, MongoOfferBook, MongoShelf
from tests.builders.matching import (
    NOW,
    an_id,
)
from tests.unit.matching.clearings.builders import an_order

LOTS = [an_id("lot", number) for number in (1, 2)]
CLEARINGS = "/v1/clearings"
PROMOTED = PromotedModels(MongoModels()).ranking
DRY = {"dry_run": True}
WET = {"dry_run": False}


class Killed(BaseException):
    """The process ends here, whatever it was about to do."""


def no_news(_done, _total) -> None:
    """Nobody watches."""


def a_bench(**changes) -> Bench:
    """The worker's own, but that it waits for nothing and solves in this process."""
    bench = Bench(
        clearings=MongoClearings(),
        assignments=MongoAssignments(),
        gather=MongoMarket(promoted=PROMOTED, claims_each=1),
        solve=clear,
        desk=HoldDesk(MongoHolds(), MongoShelf(), MongoAsked()),
        book=MongoOfferBook(),
        demands=MongoDemands(),
        ended=MongoEnded(MongoHoldLists().ended),
        settle_seconds=6.0,
        wait=lambda _seconds: None,
    )
    return bench._replace(**changes)


def gather(valuation=Valuation.RECIPROCAL, **changes):
    """The market as it stands."""
    given = {"promoted": PROMOTED, "claims_each": 1} | changes
    return MongoMarket(**given)(an_order(valuation=valuation), NOW, no_news)


def pairs(found):
    return {(each.host_id, each.shelf) for each in found.candidates}


def die(*_args: object, **_named: object) -> None:
    """The process ends where this is called."""
    raise Killed
