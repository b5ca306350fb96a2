"""Everybody signs up: agents for brands, hosts, owners of venues, authors of cartridges."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from teahouse.demo.journey.crew import Stage, together
from teahouse.demo.journey.parties import Party, Person
from teahouse.demo.journey.stories import STORIES
from teahouse.demo.journey.town import Brand, Host, Town
from teahouse.demo.journey.wire import Wire

# One person may act for many organisations, and a password costs its checker 30 ms on purpose.
BRANDS_AN_AGENT = 20
HOSTS_A_PERSON = 10
VENUES = (
    ("Old Station", "Beijing"),
    ("Moon Gate Tea Rooms", "Beijing"),
    ("Riverside Halls", "Shanghai"),
    ("Bamboo Yard", "Chengdu"),
)
AUTHORS = ("Lin Yu, themes", "Workshop Road", "Long Table Society")
STORY_CIRCLE = {
    "name": "Young people's tea meeting",
    "city": "Beijing",
    "size": 480,
    "tags": {
        "tea": 100,
        "craft": 80,
        "cloisonne": 60,
        "brushes": 50,
        "cloth-shoes": 40,
        "gifts": 20,
    },
}
STORY_HOSTS = ("Young people's tea meeting", "Thursday sewing circle")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An organisation to be registered."""

    kind: str
    name: str
    city: str


def arrive(
    wire: Wire, operator: Party, prepared: Mapping[str, Any], folder: Path, stage: Stage
) -> Town:
    """Register everybody that the prepared input and the stories speak of."""
    town = Town(operator)
    parties = iter(_register(wire, _wanted(prepared), stage))
    for line in prepared["sheets"]:
        town.brands.append(
            Brand(
                party=next(parties),
                sheet=folder / "sheets" / line["file"],
                encoding=line["encoding"],
                lots_expected=line["lots"],
                broken=tuple(line["broken"]),
            )
        )
    for story in STORIES:
        sheet = folder / "sheets" / f"story-{story.key}.csv"
        town.brands.append(Brand(next(parties), sheet, "utf-8", lots_expected=1))
    for line in prepared["hosts"]:
        town.hosts.append(Host(next(parties), wishes=list(line["circles"])))
    town.hosts += [Host(next(parties), wishes=[dict(STORY_CIRCLE)]) for _ in STORY_HOSTS]
    town.venues = [next(parties) for _ in VENUES]
    town.authors = [next(parties) for _ in AUTHORS]
    return town


def _wanted(prepared: Mapping[str, Any]) -> list[list[Wanted]]:
    """The organisations, in the groups that one person each acts for."""
    brands = [Wanted("brand", line["brand"], "") for line in prepared["sheets"]]
    brands += [Wanted("brand", story.brand, story.city) for story in STORIES]
    hosts = [
        Wanted("host", f"Household {line['number']}", line["circles"][0]["city"])
        for line in prepared["hosts"]
    ]
    hosts += [Wanted("host", name, "Beijing") for name in STORY_HOSTS]
    venues = [Wanted("venue", name, city) for name, city in VENUES]
    authors = [Wanted("author", name, "") for name in AUTHORS]
    return [
        *_groups(brands, BRANDS_AN_AGENT),
        *_groups(hosts, HOSTS_A_PERSON),
        *_groups(venues, 1),
        *_groups(authors, 1),
    ]


def _groups(wanted: Sequence[Wanted], size: int) -> list[list[Wanted]]:
    return [list(wanted[start : start + size]) for start in range(0, len(wanted), size)]


def _register(wire: Wire, groups: Sequence[Sequence[Wanted]], stage: Stage) -> list[Party]:
    """One person a group, who founds its organisations one after the other."""
    run = secrets.token_hex(4)  # so that the demo can be played again on what it left

    def settle(numbered: tuple[int, Sequence[Wanted]]) -> list[Party]:
        number, group = numbered
        person = Person(
            wire,
            email=f"person-{number}-{run}@example.com",
            password=secrets.token_urlsafe(12),
            name=f"Person {number}",
        )
        person.register()
        return [person.found(one.kind, one.name, one.city) for one in group]

    founded = together(settle, list(enumerate(groups, start=1)), stage)
    return [party for parties in founded for party in parties]
