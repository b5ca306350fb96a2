"""What a process holds for long, and what that costs it."""

from __future__ import annotations

import gc


def settle() -> None:
    """Leave all that there is now out of later garbage collections, which stop every thread.

    What an earlier call left out and nobody holds any more is collected first. To be called
    seldom, once something large was made: this call is a whole collection itself.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
