"""Which files a jail may see: declared distributions, what they require, the standard library, nothing else.

A plan is a list of read-only binds (source on this machine, target in the jail) and of folders to cover.
Whatever is not bound does not exist for the student's code, nor does what is installed later.
"""

from __future__ import annotations

import csv
import functools
import importlib.metadata
import importlib.util
import itertools
import json
import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.errors import GradecheckError

__all__ = ["Plan", "closure", "plan", "refuse_visible", "visible_files"]

SITE, STANDARD_LIBRARY, RUNTIME = "/site", "/py/lib/python{}.{}".format(*sys.version_info[:2]), "/rt/inside"
RUNTIME_SOURCE = Path(__file__).resolve().parent / "inside"
HIDDEN_IN_STANDARD_LIBRARY = (
    *(
        "site-packages",
        "dist-packages",
        "test",
        "ensurepip",
        "idlelib",
        "lib2to3",
        "turtledemo",
        "pydoc_data",
    ),
    *("venv", "distutils/tests", "unittest/test", "tkinter/test", "ctypes/test", "sqlite3/test"),
)
Distribution = importlib.metadata.Distribution


@dataclass(frozen=True)
class Plan:
    """What is shown where.

    Attributes
    ----------
    binds : tuple of (source, target)
        Paths of this machine and where the jail sees them, read-only.
    masks : tuple of str
        Folders below a target that are covered by an empty one.
    distributions : tuple of str
        Names of the visible distributions.
    """

    binds: tuple[tuple[str, str], ...]
    masks: tuple[str, ...]
    distributions: tuple[str, ...]


@functools.cache
def plan(names: tuple[str, ...]) -> Plan:
    """Return the plan for the distributions `names`, IPython and all that they require.

    Parameters
    ----------
    names : tuple of str
        Distribution names, as an assignment declares them.

    Raises
    ------
    GradecheckError
        If one is not installed, is an editable install, or does not list its files.
    """
    allowed = closure((*names, "numpy", "ipython"))
    standard, masks = _standard_library()
    system, system_masks = _shared_libraries()
    runtime = [(str(RUNTIME_SOURCE), RUNTIME)]
    binds = (*system, *standard, *runtime, *_site(allowed))
    # Below the pivoted root an absolute link would lead elsewhere.
    resolved = tuple((os.path.realpath(source), target) for source, target in binds)
    return Plan(resolved, (*system_masks, *masks), tuple(sorted(allowed)))


def closure(names: Iterable[str]) -> dict[str, Distribution]:
    """Return the distributions `names` and everything installed that they require, by canonical name."""
    installed = _installed()
    wanted: dict[str, set[str]] = {}
    queue = [(Requirement(name), True) for name in names]
    while queue:
        requirement, declared = queue.pop()
        name = canonicalize_name(requirement.name)
        if name not in installed:
            if declared:
                raise GradecheckError(
                    f"package {requirement.name!r} is not installed; run: pip install {requirement.name}"
                )
            continue
        extras = {"", *requirement.extras} - wanted.get(name, set())
        if not extras:
            continue
        wanted.setdefault(name, set()).update(extras)
        for line in installed[name].requires or ():
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                queue.append((needed, False))
    return {name: installed[name] for name in wanted}


def visible_files(plan: Plan) -> tuple[list[str], list[str]]:
    """Return the plan as (readable paths, folders whose names can be listed), for a jail without mounts.

    A bind with something covered below it becomes its children, without what is covered.
    """
    readable: list[str] = []
    listed: list[str] = []

    def show(source: str, target: str) -> None:
        below = [mask for mask in plan.masks if mask.startswith(target + "/")]
        if target in plan.masks:
            return
        if not below:
            readable.append(source)
            return
        listed.append(source)
        for child in sorted(os.listdir(source)):
            show(f"{source}/{child}", f"{target}/{child}")

    for source, target in plan.binds:
        show(source, target)
    return readable, listed


def refuse_visible(plan: Plan, forbidden: Iterable[Path | str]) -> None:
    """Raise unless every path of `forbidden`, and our own code, stays out of the jail.

    Raises
    ------
    GradecheckError
        Naming the path and the bind through which it would be seen.
    """
    ours = [
        spec.submodule_search_locations
        for name in ("autograder", "mlref")
        if (spec := importlib.util.find_spec(name))
    ]
    secrets = {
        os.path.realpath(path)
        for path in (*forbidden, *(folder for folders in ours if folders for folder in folders))
    }
    covered = {
        os.path.realpath(source + mask[len(target) :])
        for source, target in plan.binds
        for mask in plan.masks
        if mask.startswith(target + "/")
    }
    for secret in sorted(secrets):
        if any(_is_within(secret, mask) for mask in covered):
            continue
        for source, target in plan.binds:
            shown = os.path.realpath(source)
            inside_package = target.startswith(SITE) and _is_within(shown, secret) and _is_site_entry(secret)
            if _is_within(secret, shown) or inside_package:
                raise GradecheckError(
                    f"{secret} would be visible to submissions at {target}; do not declare what holds it"
                )


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_site_entry(path: str) -> bool:
    return any(part in {"site-packages", "dist-packages"} for part in Path(path).parts[:-1])


def _installed() -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for distribution in importlib.metadata.distributions():
        # Parsed anew whenever it is asked for.
        if name := distribution.metadata["Name"]:
            found.setdefault(canonicalize_name(name), distribution)
    return found


def _site(allowed: Mapping[str, Distribution]) -> list[tuple[str, str]]:
    """Bind the highest folders that hold files of `allowed` only: several may share a namespace package."""
    recorded = {name: _recorded(name, distribution, required=True) for name, distribution in allowed.items()}
    tops = {path.partition("/")[0] for paths in recorded.values() for path in paths}
    contested = {
        prefix
        for name, distribution in _installed().items()
        if name not in allowed
        for path in _recorded(name, distribution, required=False)
        if path.partition("/")[0] in tops
        for prefix in _prefixes(path)
    }
    binds: dict[str, str] = {}
    for name, paths in recorded.items():
        root = os.path.realpath(str(allowed[name].locate_file("")))
        for path in paths:
            entry = next((prefix for prefix in _prefixes(path) if prefix not in contested), path)
            if f"{SITE}/{entry}" not in binds and os.path.exists(f"{root}/{entry}"):
                binds[f"{SITE}/{entry}"] = f"{root}/{entry}"
    return [(source, target) for target, source in sorted(binds.items())]


def _prefixes(path: str) -> Iterator[str]:
    """Yield a path's top folder, then ever longer parts of it, then the path."""
    return itertools.accumulate(path.split("/"), "{}/{}".format)


def _recorded(name: str, distribution: Distribution, *, required: bool) -> list[str]:
    """Files of a distribution below its site-packages, without scripts, .pth files and loose byte code."""
    direct_url = json.loads(distribution.read_text("direct_url.json") or "{}")
    record = distribution.read_text("RECORD")
    if required and direct_url.get("dir_info", {}).get("editable"):
        raise GradecheckError(
            f"package {name!r} is an editable install; install it as a wheel to show it to submissions"
        )
    if required and record is None:
        raise GradecheckError(f"package {name!r} does not list its files (no RECORD); reinstall it with pip")
    quoted = '"' in (record or "")
    lines = (record or "").splitlines()
    paths = (
        (row[0] for row in csv.reader(lines) if row) if quoted else (line.split(",", 1)[0] for line in lines)
    )
    return [
        path
        for path in paths
        if path and not path.startswith(("..", "/", "__pycache__/")) and not path.endswith(".pth")
    ]


def _standard_library() -> tuple[list[tuple[str, str]], list[str]]:
    folder = os.path.realpath(sysconfig.get_path("stdlib"))
    binds = [(folder, STANDARD_LIBRARY)]
    extensions = os.path.realpath(sysconfig.get_config_var("DESTSHARED") or f"{folder}/lib-dynload")
    if not _is_within(extensions, folder):
        binds.append((extensions, "/py/lib-dynload"))
    masks = [
        f"{STANDARD_LIBRARY}/{name}"
        for name in HIDDEN_IN_STANDARD_LIBRARY
        if os.path.isdir(f"{folder}/{name}")
    ]
    return binds, masks


def _shared_libraries() -> tuple[list[tuple[str, str]], list[str]]:
    """Bind where the dynamic linker looks; the rest of /usr holds programs and the system's packages."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or f"{platform.machine()}-linux-gnu"
    folders = [f"{top}/{name}" for top in ("/usr", "") for name in (f"lib/{multiarch}", "lib64")]
    folders = [folder for folder in folders if os.path.isdir(folder) and os.path.realpath(folder) == folder]
    binds = [
        (path, path) for path in (*folders, "/etc/ld.so.cache", "/usr/share/zoneinfo") if os.path.exists(path)
    ]
    masks = [str(path) for folder in folders for path in Path(folder).glob("python*") if path.is_dir()]
    own = os.path.realpath(f"{sys.base_prefix}/lib")
    if not _is_within(own, "/usr/lib") and not _is_within(own, "/lib"):
        # conda, uv and other relocatable Pythons bring their own libraries
        binds += [
            (str(path.resolve()), f"/py/lib/{path.name}")
            for path in sorted(Path(own).glob("*.so*"))
            if path.is_file()
        ]
    return binds, masks


def hidden_modules(plan: Plan) -> list[str]:
    """Return the module names under the standard library that the plan covers."""
    covered = [
        mask[len(STANDARD_LIBRARY) + 1 :] for mask in plan.masks if mask.startswith(STANDARD_LIBRARY + "/")
    ]
    return [name.replace("/", ".") for name in covered if "-" not in name]


def standard_library_folders(plan: Plan) -> list[str]:
    """Return where Python finds the standard library on this machine, for a jail without mounts."""
    sources = [source for source, target in plan.binds if target in (STANDARD_LIBRARY, "/py/lib-dynload")]
    return [*sources, f"{sources[0]}/lib-dynload"]


def link_farm(plan: Plan, folder: Path) -> None:
    """Make `folder` look like /site: links to the visible entries, for a jail without mounts."""
    folder.mkdir(parents=True)
    for source, target in plan.binds:
        if target.startswith(SITE + "/"):
            link = folder / target[len(SITE) + 1 :]
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source)


def closed_to_others(plan: Plan, *, with_parents: bool) -> str | None:
    """Return the first source that not every user can read, or whose parents not every user can enter."""
    for source, _ in plan.binds:
        needed = 0o5 if os.path.isdir(source) else 0o4
        if os.stat(source).st_mode & needed != needed:
            return source
        if with_parents and not all(folder.stat().st_mode & 0o1 for folder in Path(source).parents):
            return source
    return None
