"""What the data of an event must look like: the schemas under ``contracts/events``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[1] / "contracts" / "events"
MOST_FAULTS = 20


def faults_in(event_type: str, data: Mapping[str, Any]) -> list[str]:
    """What keeps this from being the data of such an event, each with its JSON path, in order.

    At most twenty; none means that it fits. A type that is not published is a fault too.
    """
    validator = _validator(event_type)
    if validator is None:
        return [f"no event {event_type} is published"]
    found = sorted(validator.iter_errors(data), key=lambda error: error.json_path)
    return [f"{error.json_path}: {error.message}" for error in found[:MOST_FAULTS]]


@cache
def _validator(event_type: str) -> Draft202012Validator | None:
    path = SCHEMAS / f"{event_type}.json"
    if path.parent != SCHEMAS or not path.is_file():
        return None
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))
