"""What a container runs: ``api``, ``worker`` or ``prepare`` of the service it was built for."""  # noqa: INP001 - run by its path

from __future__ import annotations

import os
import sys

SERVICE = os.environ["TEAHOUSE_SERVICE"]
COMMANDS = {
    "api": [
        "gunicorn",
        "--config",
        "deploy/gunicorn.conf.py",
        f"services.{SERVICE}.app:create_app()",
    ],
    "worker": ["chassis.worker", f"services.{SERVICE}.app"],
    "prepare": ["teahouse", "prepare", "--service", SERVICE, "--wait", "60"],
}


def main() -> None:
    """Become the process that the first argument names."""
    role = sys.argv[1] if len(sys.argv) > 1 else "api"
    if role not in COMMANDS:
        sys.exit(f"not a role: {role!r}; there are {', '.join(COMMANDS)}")
    os.execv(sys.executable, [sys.executable, "-m", *COMMANDS[role]])  # noqa: S606 - our own list


if __name__ == "__main__":
    main()
