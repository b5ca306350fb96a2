"""Three themes for gatherings, as their authors publish them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Text = Mapping[str, str]


def _text(english: str, chinese: str) -> Text:
    return {"en": english, "zh": chinese}


def _step(start: int, minutes: int, title: Text) -> Mapping[str, Any]:
    return {"starts_minute": start, "minutes": minutes, "title": title}


def _cartridge(
    name: str, title: Text, *, people: tuple[int, int], programme: list[Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "format": "teahouse-cartridge/1",
        "name": name,
        "version": "1.0.0",
        "languages": ["en", "zh"],
        "title": title,
        "people": {"min": people[0], "max": people[1]},
        "programme": programme,
        "evidence": [{"kind": "photo", "text": _text("The room", "现场照片"), "required": True}],
        "royalty_basis_points": 200,
    }


CARTRIDGES = (
    _cartridge(
        "tea-and-try-on",
        _text("Tea and try-on", "喝茶试戴"),
        people=(3, 40),
        programme=[
            _step(0, 30, _text("Tea, and who we are", "喝茶相识")),
            _step(30, 60, _text("Trying on, and what suits whom", "试戴与搭配")),
            _step(90, 30, _text("Choosing", "选购")),
        ],
    ),
    _cartridge(
        "workshop-visit",
        _text("A visit to the workshop", "走进作坊"),
        people=(3, 40),
        programme=[
            _step(0, 40, _text("How it is made", "工艺讲解")),
            _step(40, 50, _text("Make one yourself", "动手体验")),
            _step(90, 30, _text("Choosing", "选购")),
        ],
    ),
    _cartridge(
        "long-table",
        _text("The long table", "长桌分享"),
        people=(3, 30),
        programme=[
            _step(0, 60, _text("Tasting together", "一起品尝")),
            _step(60, 60, _text("What to take home", "带什么回家")),
        ],
    ),
)
