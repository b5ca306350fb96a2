#!/usr/bin/env bash
# Make .venv and put the pinned packages into it; safe to repeat, quick when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
  local name
  for name in "${PYTHON:-python3}" python3.11 python3.12 python3.13 python3.14; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "Teahouse needs Python 3.11 or newer, and found none." >&2
  echo "On Debian 12 or newer: apt-get install python3 python3-venv. Or name one: make setup PYTHON=/path/to/python3" >&2
  return 1
}

make_environment() {
  local python
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$python cannot make virtual environments: its venv module is missing." >&2
    echo "On Debian: apt-get install python3-venv" >&2
    return 1
  fi
  "$python" -m venv .venv
}

# uv installs everything in seconds. It does not read pip's configuration, so where only
# pip knows the way to a package index, pip does the work.
install_packages() {
  sed -n '/^uv==/,/[^\\]$/p' constraints.txt > .venv/uv.txt
  if .venv/bin/python -m pip install --quiet --require-hashes -r .venv/uv.txt \
    && .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --compile-bytecode -r constraints.txt; then
    return
  fi
  echo "uv could not install the packages; trying pip, which takes longer" >&2
  .venv/bin/python -m pip install --quiet --require-hashes -r constraints.txt
}

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "making .venv"
  rm -rf .venv
  make_environment
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1
echo "installing the pinned packages"
install_packages
# setuptools is among the pins: the project's own build downloads nothing.
PYTHONWARNINGS=ignore .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
# Else the first start would compile the same modules once in each of its processes.
.venv/bin/python -m compileall -q chassis services teahouse
touch .venv/ready
