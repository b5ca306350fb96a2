"""Moves the time that all services of a sandbox live by."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pymongo import MongoClient

from chassis.client import ServiceClient
from chassis.kernel.errors import Forbidden
from chassis.settings import Settings

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
ACCEPTED = 204
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


class ClockRefused(Forbidden):
    """A service would not have its clock moved."""

    code = "clock-refused"
    hint = "Only a sandbox has a time to move: start it with `teahouse up` without --real-time."
    chinese = "只有沙盒环境才能调整时间：启动 `teahouse up` 时请勿使用 --real-time。"


def parse_duration(text: str) -> float:
    """Seconds of ``72h``, ``90s``, ``1d12h``; raise ``ValueError`` for anything else."""
    parts = _PART.findall(text)
    if not parts or "".join(figure + unit for figure, unit in parts) != text:
        raise ValueError(f"not a duration: {text!r}; write 72h, 45m, 90s or 1d12h")
    return float(sum(float(figure) * SECONDS[unit] for figure, unit in parts))


def offset(settings: Mapping[str, Settings]) -> float:
    """How many seconds the furthest service is ahead of real time."""
    return max((_offset(each) for each in settings.values()), default=0.0)


def advance(settings: Mapping[str, Settings], seconds: float) -> float:
    """Move all services forward together; answer their new distance from real time.

    Raises ``ClockRefused`` with the service's own words where it is no sandbox.
    """
    wanted = offset(settings) + seconds
    for service, each in settings.items():
        answer = ServiceClient(each, service).post("/internal/clock", {"offset_seconds": wanted})
        if answer.status_code != ACCEPTED:
            raise ClockRefused(f"{service} answered {answer.status_code}: {answer.text}")
    return wanted


def _offset(settings: Settings) -> float:
    with MongoClient[dict[str, float]](settings.mongo_uri) as client:
        found = client.get_default_database()["sandbox_clock"].find_one()
    return found["offset_seconds"] if found else 0.0
