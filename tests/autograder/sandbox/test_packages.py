"""What submissions can see of this machine: declared packages, and nothing that gives an answer away."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import autograder
from autograder.errors import GradecheckError
from autograder.sandbox import Zygote, packages

HIDDEN = [
    "autograder",
    "mlref",
    "pytest",
    "_pytest",
    "sklearn",
    "scipy",
    "pandas",
    "matplotlib",
    "pip",
    "hypothesis",
]
HIDDEN += ["nbformat", "pydantic", "ensurepip", "test", "idlelib", "venv", "lib2to3"]


class Site:
    """A site-packages folder whose distributions a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def install(self, name, files, requires=(), *, record=True, direct_url=None):
        info = self.folder / f"{name}-1.0.dist-info"
        for file in files:
            path = self.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        info.mkdir()
        lines = [
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0",
            *(f"Requires-Dist: {text}" for text in requires),
        ]
        (info / "METADATA").write_text("\n".join(lines) + "\n")
        if record:
            listed = [
                *files,
                f"{info.name}/METADATA",
                f"{info.name}/RECORD",
                f"../../../bin/{name}",
                f"{name}.pth",
            ]
            (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))
        if direct_url:
            (info / "direct_url.json").write_text(direct_url)

    def visible(self, *names):
        """Where the plan for these distributions shows something of this folder."""
        plan = packages.plan.__wrapped__(names)
        return {target for source, target in plan.binds if Path(source).is_relative_to(self.folder)}


@pytest.fixture
def site(tmp_path, monkeypatch):
    made = Site(tmp_path / "lib" / "site-packages")
    monkeypatch.syspath_prepend(str(made.folder))
    return made


def test_a_package_is_shown_with_what_it_requires(site):
    site.install("alpha", ["alpha/__init__.py", "alpha_extension.so"], ["beta>=1", "gamma; extra == 'plots'"])
    site.install("beta", ["beta.py"], ["absent; python_version < '3'"])
    site.install("gamma", ["gamma/__init__.py"])
    site.install("delta", ["delta/__init__.py"])
    shown = {"/site/alpha", "/site/alpha_extension.so", "/site/alpha-1.0.dist-info"}
    shown |= {"/site/beta.py", "/site/beta-1.0.dist-info"}
    assert site.visible("alpha") == shown
    assert site.visible("alpha[plots]") == shown | {"/site/gamma", "/site/gamma-1.0.dist-info"}


def test_of_a_shared_namespace_only_the_declared_part_is_shown(site):
    site.install("alpha", ["shared/alpha/__init__.py", "shared/alpha/deep.py"])
    site.install("beta", ["shared/beta/__init__.py", "shared/loose.py"])
    assert site.visible("alpha") == {"/site/shared/alpha", "/site/alpha-1.0.dist-info"}
    assert site.visible("alpha", "beta") >= {"/site/shared"}


def test_scripts_and_path_files_are_not_shown(site):
    site.install("alpha", ["alpha.py", "__pycache__/alpha.cpython-311.pyc"])
    assert site.visible("alpha") == {"/site/alpha.py", "/site/alpha-1.0.dist-info"}


def test_sources_hold_no_links(site):
    elsewhere = site.folder.parent / "cache"
    site.install("alpha", ["alpha/__init__.py"])
    (site.folder / "alpha").rename(elsewhere)
    (site.folder / "alpha").symlink_to(elsewhere)
    plan = packages.plan.__wrapped__(("alpha",))
    assert (str(elsewhere), "/site/alpha") in plan.binds


def test_missing_package_is_named():
    with pytest.raises(
        GradecheckError, match="'no-such-thing' is not installed; run: pip install no-such-thing"
    ):
        packages.plan(("no-such-thing",))


def test_editable_install_cannot_be_shown(site):
    site.install("alpha", ["alpha.pth"], direct_url='{"url": "file:///x", "dir_info": {"editable": true}}')
    with pytest.raises(GradecheckError, match="'alpha' is an editable install"):
        site.visible("alpha")


def test_package_without_a_list_of_its_files_cannot_be_shown(site):
    site.install("alpha", ["alpha.py"], record=False)
    with pytest.raises(GradecheckError, match="no RECORD"):
        site.visible("alpha")


@pytest.mark.parametrize("how", ["as a wheel", "editable"])
def test_this_project_stays_outside_however_it_is_installed(site, how):
    if how == "as a wheel":
        site.install("gradecheck", ["autograder/__init__.py", "mlref/__init__.py"], ["alpha"])
    else:
        url = '{"url": "file:///x", "dir_info": {"editable": true}}'
        site.install("gradecheck", ["_gradecheck.pth"], ["alpha"], direct_url=url)
    site.install("alpha", ["alpha/__init__.py"])
    assert site.visible("alpha") == {"/site/alpha", "/site/alpha-1.0.dist-info"}
    with pytest.raises(GradecheckError):
        packages.refuse_visible(packages.plan.__wrapped__(("gradecheck",)), [site.folder / "mlref"])


def test_virtual_environment_inside_a_forbidden_project_is_no_offence(site):
    site.install("alpha", ["alpha/__init__.py"])
    plan = packages.plan.__wrapped__(("alpha",))
    packages.refuse_visible(plan, [site.folder.parents[1]])


def test_forbidden_path_below_a_package_is_refused(site):
    site.install("alpha", ["alpha/__init__.py", "alpha/answers/solution.py"])
    plan = packages.plan.__wrapped__(("alpha",))
    with pytest.raises(GradecheckError, match=r"answers would be visible to submissions at /site/alpha"):
        packages.refuse_visible(plan, [site.folder / "alpha" / "answers"])


def test_forbidden_path_that_is_covered_is_no_offence():
    plan = packages.plan(())
    library = next(source for source, target in plan.binds if target == packages.STANDARD_LIBRARY)
    covered = plan.masks[-1].removeprefix(packages.STANDARD_LIBRARY)
    packages.refuse_visible(plan, [f"{library}{covered}/mlref"])
    with pytest.raises(GradecheckError):
        packages.refuse_visible(plan, [f"{library}/json"])


def test_zygote_does_not_start_when_it_would_show_a_forbidden_path():
    import numpy

    with pytest.raises(GradecheckError, match="would be visible"):
        Zygote(forbidden=[Path(numpy.__file__).parent / "linalg"])


def test_undeclared_modules_cannot_be_imported(restricted_zygote, run_inside):
    source = f"""
import importlib, sys
sys.path += {[*sys.path, str(Path(autograder.__file__).parents[1])]!r} + ['/old', '/proc/1/root', '..']
found = []
for name in {HIDDEN!r}:
    try:
        importlib.import_module(name)
        found.append(name)
    except ImportError:
        pass
result = found
"""
    assert run_inside(restricted_zygote, source) == []


def test_lazily_imported_modules_are_there(restricted_zygote, run_inside):
    source = "import wave, sqlite3, zoneinfo, encodings.idna, numpy.testing, unittest.mock, ctypes.util\n"
    assert (
        run_inside(restricted_zygote, source + "result = str(zoneinfo.ZoneInfo('Europe/Berlin'))")
        == "Europe/Berlin"
    )


def test_walk_over_the_disk_finds_nothing_of_ours(restricted_zygote, run_inside):
    project = str(Path(autograder.__file__).parents[1])
    source = f"""
import os, sys
names = []
for root in ['/', '/site', '/py', '/rt', '/usr', '/etc', '/home', '/tmp', '/dev', {project!r}, *sys.path]:
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            try: open(path, 'rb').close()
            except OSError: continue
            names.append(path)
ours = ('/autograder/', '/mlref/', '/solutions/', '/assignments/')
inside = [n for n in names if any(part in n for part in ours) and '/autograder/sandbox/inside/' not in n]
loose = [n for n in names if n.endswith(('.whl', '.pth', 'test_hidden.py'))]
result = [len(names) > 1000, inside[:5], loose[:5]]
"""
    assert run_inside(restricted_zygote, source) == [True, [], []]


def test_modules_of_the_grader_are_not_in_memory(zygote, run_inside):
    source = "import sys, gc\nnames = [m.__name__ for m in gc.get_objects() if type(m) is type(sys)]\n"
    names = run_inside(zygote, source + "result = names + list(sys.modules)")
    assert not [name for name in names if name.split(".")[0] in {"autograder", "mlref", "pytest", "conftest"}]
