"""What a service's worker does: which events it takes in, and which tasks it runs.

``python -m chassis.worker services.catalog.app`` runs what ``create_worker`` of that module
answers, beside the relay of the service. This module knows no Kafka, for the web process
of the service imports it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chassis.health import Check
from chassis.inbox import Handlers
from chassis.settings import Settings


@dataclass(frozen=True, slots=True)
class Subscription:
    """One consumer group: the topics it reads and what it does about each event type.

    Nobody waits for a group that is not urgent: it fetches a few times a second, and
    more at once, which leaves the processor to those that are. One whose facts are shown
    in lists that people read fetches more often while any come.
    """

    group: str
    topics: Sequence[str]
    handlers: Handlers
    is_urgent: bool = True
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every so many seconds, in one worker of the service at a time.

    It may now and then run twice at once, when a holder of its lease was paused, so it
    must be harmless twice. What it raises is logged and counted, and it is tried again.
    One that answers ``True`` stopped with work left, and goes on at once while it has the
    lease.
    """

    name: str
    seconds: float
    function: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Worker:
    """Everything that runs in a service's worker process.

    ``checks`` are asked by its readiness: red is an alarm, since no traffic is sent there.
    """

    settings: Settings
    subscriptions: Sequence[Subscription] = field(default_factory=list)
    tasks: Sequence[Task] = field(default_factory=list)
    checks: Mapping[str, Check] = field(default_factory=dict)
