"""One spelling for every manifest, and the digest that pins it."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def tidy(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same value with whole numbers as integers: 12.0 and 12 are one number in JSON."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: tidy(item) for name, item in value.items()}
    if isinstance(value, list):
        return [tidy(item) for item in value]
    return value


def canonical(manifest: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """UTF-8 JSON with sorted names and no blanks; equal manifests give equal bytes."""
    text = json.dumps(
        tidy(manifest), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def digest_of(manifest: Any) -> str:  # noqa: ANN401 - any JSON value
    """``sha256:`` and 64 hexadecimal digits of the canonical form."""
    return f"sha256:{hashlib.sha256(canonical(manifest)).hexdigest()}"
