#!/bin/sh
# Run once by Gradescope, as root, when it makes the image of this assignment.
# Installs a Python of 3.11 or newer with apt and the grader's pinned packages with pip; nothing else is fetched.
# Usage: setup.sh [ROOT]; ROOT is /autograder unless this is a trial.
set -eu
root=${1:-/autograder}

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends ca-certificates

python=
for version in 3.11 3.12 3.13; do
    apt-get install -y --no-install-recommends "python$version" "python$version-venv" || true
    if "python$version" -c 'import ensurepip, venv'; then
        python=python$version
        break
    fi
done
if [ -z "$python" ]; then
    echo "This image offers no Python 3.11 to 3.13; choose Ubuntu 22.04 or newer as the base image." >&2
    exit 1
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --no-cache-dir --requirement "$root/source/requirements.txt"
# Compiled once, not for every submission.
"$root/venv/bin/python" -m compileall -q "$root/source/grader"
# Submissions run as a user of their own and must be able to read the packages.
chmod -R o+rX "$root/venv"

# Fails here, where staff sees it, rather than with the first student.
cd "$root"
PYTHONPATH=$root/source/grader "$root/venv/bin/python" -P -m autograder doctor
