"""What services answer to commands: what was asked for, or a refusal in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from requests import Response

from chassis.kernel.errors import DomainError

LONGEST = 300


def told(answer: Response, wanted: int, refused: type[DomainError]) -> Any:  # noqa: ANN401 - JSON
    """The JSON of an answer of the wanted status; else raise ``refused`` in its own sentences.

    Of a problem (RFC 9457) that is its title, code and detail or fields, with its own ``hint``
    and ``title_zh`` as members; of anything else the status and how the answer begins.
    """
    if answer.status_code == wanted:
        return answer.json()
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, Mapping) or not {"title", "code"} <= problem.keys():
        raise refused(f"{answer.status_code}: {answer.text[:LONGEST]}")
    why = "; ".join(filter(None, [problem.get("detail"), *_fields(problem.get("errors"))]))
    said = f"{problem['title']} ({problem['code']})"
    own = {name: problem[name] for name in ("hint", "title_zh") if problem.get(name)}
    raise refused(f"{said}: {why}" if why else said, **own)


def _fields(errors: object, path: str = "") -> Iterator[str]:
    """Each wrong field with what is wrong with it; where it was sent is no part of its name."""
    if isinstance(errors, Mapping):
        for name, inside in errors.items():
            yield from _fields(inside, f"{path}.{name}" if path else str(name))
    elif isinstance(errors, list):
        yield f"{path.partition('.')[2] or path}: {' '.join(map(str, errors))}"
