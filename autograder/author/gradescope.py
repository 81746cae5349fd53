"""Gradescope's ``autograder.zip``: the scripts it asks for, this grader, the hidden suite, no secret."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.author.artefacts import zip_bytes
from autograder.author.sealed import seal, sealed_path
from autograder.errors import GradecheckError
from autograder.models import BuiltAssignment, RosterEntry

__all__ = ["gradescope_files", "gradescope_zip", "pinned"]

SCRIPTS = ("run_autograder", "setup.sh")
TEMPLATES = Path(__file__).parent / "templates" / "gradescope"
PACKAGES = ("autograder", "mlref")
DISTRIBUTION = "gradecheck"
# Where the zip is unpacked, whatever machine made it.
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
# PyPI's torch brings gigabytes for GPUs that no container of Gradescope has.
TORCH_WITHOUT_GPU = "--extra-index-url https://download.pytorch.org/whl/cpu"


def gradescope_zip(
    builds: Iterable[BuiltAssignment], secret: bytes, roster: Iterable[RosterEntry] = ()
) -> bytes:
    """Make the zip that an instructor uploads as the autograder of a programming assignment.

    Parameters
    ----------
    builds : iterable of BuiltAssignment
        That of the term first, then those of the students on the roster.
    secret : bytes
        The term's; only seeds of checks come from it.
    roster : iterable of RosterEntry
        Whom Gradescope's submissions can come from, where variants are per student.

    Returns
    -------
    bytes
        The same for the same builds, files and installed packages.
    """
    return zip_bytes(gradescope_files(builds, secret, roster), executable=SCRIPTS)


def gradescope_files(
    builds: Iterable[BuiltAssignment], secret: bytes, roster: Iterable[RosterEntry] = ()
) -> dict[str, bytes]:
    """Path in the zip -> bytes: scripts, ``requirements.txt``, ``grader/`` and the sealed ``course/``."""
    builds = list(builds)
    course, assignment, term = builds[0].course, builds[0].assignment, builds[0].term
    files = {name: (TEMPLATES / name).read_bytes() for name in SCRIPTS}
    files["requirements.txt"] = _requirements(assignment.packages).encode()
    for name in PACKAGES:
        folder = _folder_of(name)
        files |= {f"grader/{name}/{path}": data for path, data in _below(folder).items()}
    own = [course.assignments / "templates", assignment.folder]
    for folder in own:
        where = folder.relative_to(course.root).as_posix()
        files |= {f"course/{where}/{path}": data for path, data in _below(folder).items()}
    files["course/assignments/course.toml"] = (course.assignments / "course.toml").read_bytes()
    path = sealed_path(course, assignment.id, term).relative_to(course.root).as_posix()
    files[f"course/{path}"] = seal(builds, secret, roster).to_json().encode()
    return files


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        raise GradecheckError(
            f"package {package!r} is not installed; the zip for Gradescope needs its source"
        )
    return Path(next(iter(places)))


def _below(folder: Path) -> dict[str, bytes]:
    """Every file that is part of a source tree; what Python and editors leave there is not."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
            found[inside.as_posix()] = path.read_bytes()
    return found


# --- packages -------------------------------------------------------------------------------------


def _requirements(packages: Sequence[str]) -> str:
    lines = pinned((DISTRIBUTION, *packages))
    extra = [TORCH_WITHOUT_GPU] if any(line.startswith("torch==") for line in lines) else []
    return "\n".join([*extra, *lines]) + "\n"


def pinned(names: Iterable[str]) -> list[str]:
    """Pin distributions, and all that they require on Linux, to the versions that are installed here.

    Parameters
    ----------
    names : iterable of str
        Our own distribution is left out itself: the zip holds its source.

    Returns
    -------
    list of str
        Lines of a requirements file, sorted. What is not installed here but required keeps its range.
    """
    queue = [Requirement(name) for name in names]
    lines: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            lines.setdefault(name, f"{name}{requirement.specifier}")
            continue
        # A local version such as 2.13.0+cpu is on no index that pip asks.
        lines[name] = f"{name}=={installed.version.partition('+')[0]}"
        for extra in {"", *requirement.extras}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            needed = map(Requirement, installed.requires or ())
            queue += [
                item
                for item in needed
                if item.marker is None or item.marker.evaluate(LINUX | {"extra": extra})
            ]
    lines.pop(DISTRIBUTION, None)
    return sorted(lines.values())
