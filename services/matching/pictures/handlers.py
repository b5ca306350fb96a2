"""Facts after which a picture is due, and the drawing of those that are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from chassis.envelope import Event
from chassis.inbox import Handler
from chassis.logging import logger
from chassis.mongo import atomically
from services.matching.communities.use_cases import Communities
from services.matching.pictures.schemas import OfGatheringRead, OfHostRead
from services.matching.pictures.use_cases import Past, Pictures, redraw_pictures

DRAWN_AT_ONCE = 20
"""So many pictures in one transaction, which then takes a fraction of its five seconds."""

OF_COMMUNITIES = ("matching.community.founded.v1", "matching.community.changed.v1")
OF_CLAIMS = (
    "matching.claim.confirmed.v1",
    "matching.claim.cancelled.v1",
    "matching.claim.kit-confirmed.v1",
    "matching.claim.kit-cancelled.v1",
)
OF_GATHERINGS = (
    "matching.gathering.held.v1",
    "matching.gathering.approved.v1",
    "matching.gathering.disputed.v1",
    "matching.gathering.cancelled.v1",
    "matching.gathering.settled.v1",
    "matching.gathering.refunded.v1",
    "matching.gathering.rated.v1",
)


def picture_handlers(pictures: Pictures, past: Past) -> dict[str, Handler]:
    """Mark the pictures that a fact of ours is about; group ``matching.projection``.

    A mark says nothing of what changed: the picture is drawn from the sources, so that a fact
    may come twice, late or before another.
    """
    of_host, of_gathering = OfHostRead(), OfGatheringRead()

    def on_host(events: Sequence[Event]) -> None:
        pictures.mark(of_host.load(event.data) for event in events)

    def on_gathering(events: Sequence[Event]) -> None:
        pictures.mark(past.hosts_of({of_gathering.load(event.data) for event in events}))

    found: dict[str, Handler] = {}
    found.update(dict.fromkeys((*OF_COMMUNITIES, *OF_CLAIMS), on_host))
    found.update(dict.fromkeys(OF_GATHERINGS, on_gathering))
    return found


def draw_all_due(pictures: Pictures, communities: Communities, past: Past) -> bool:
    """Draw some of the pictures that are due; answer whether to go on at once.

    If they cannot be drawn together, each is drawn alone. One that cannot is logged and set
    back, so that it keeps nobody waiting.
    """
    redraw = partial(redraw_pictures, pictures=pictures, communities=communities, past=past)
    due = pictures.due(limit=DRAWN_AT_ONCE)
    try:
        atomically(partial(redraw, due))
    except Exception as error:  # noqa: BLE001 - whatever it is, it may be about one of them
        logger("pictures").warning("not drawn together", pictures=len(due), error=str(error))
        drawn = [each for each in due if _is_drawn(each, redraw, pictures)]
    else:
        drawn = due
    return bool(drawn) and len(due) == DRAWN_AT_ONCE


def _is_drawn(host_id: str, redraw: Callable[[list[str]], None], pictures: Pictures) -> bool:
    try:
        atomically(partial(redraw, [host_id]))
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are due too
        logger("pictures").error("not drawn", host=host_id, exc_info=error)
        pictures.set_back(host_id)
        return False
    return True
