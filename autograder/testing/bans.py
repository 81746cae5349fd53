"""Functions that would be the answer itself: found in the source, and stopped when they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterable

__all__ = ["ban_probe_source", "banned_uses"]


def banned_uses(source: str, ban: Iterable[str]) -> list[tuple[str, int]]:
    r"""Find where a source text uses a banned name.

    Sees ``import a.b as c``, ``from a import b as c``, attribute chains, plain assignments of either to
    a name, and ``getattr`` with a literal; what is built at run time is :func:`ban_probe_source`'s part.

    Parameters
    ----------
    source : str
        Python text.
    ban : iterable of str
        Dotted names such as ``numpy.polyfit``. A banned module bans what is in it.

    Returns
    -------
    list of (str, int)
        The banned name and the line number, in order of lines.

    Raises
    ------
    ValueError
        If the text does not parse, or is nested too deeply to be walked: it may hide anything.

    Examples
    --------
    >>> banned_uses("import numpy as np\nline = np.polyfit(x, y, 1)", ["numpy.polyfit"])
    [('numpy.polyfit', 2)]
    """
    names = sorted(ban)
    try:
        tree = ast.parse(source)
        known = _aliases(tree)
        found = set()
        for node in ast.walk(tree):
            for full_name in _used(node, known):
                for name in names:
                    if full_name == name or full_name.startswith(f"{name}."):
                        found.add((name, node.lineno))  # type: ignore[attr-defined]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"the text cannot be read: {type(error).__name__}") from None
    return sorted(found, key=lambda use: (use[1], use[0]))


def ban_probe_source(ban: Iterable[str]) -> str:
    """Return Python text that makes every banned function raise when it is called.

    Meant to be executed in the notebook's namespace in the worker of a question, after its definitions
    and before its checks. Only modules that are already imported are touched, so nothing new is loaded.
    The wrappers raise ``BannedCall`` with the dotted name, which the grader reports as category banned.
    """
    return PROBE.replace("BANNED", repr(tuple(sorted(ban))))


PROBE = """\
def _install_ban(names, notebook):
    import sys

    class BannedCall(RuntimeError):
        pass

    def refusal(name):
        def banned(*args, **kwargs):
            raise BannedCall(name)

        return banned

    for name in names:
        parts = name.split(".")
        modules = [cut for cut in range(1, len(parts)) if ".".join(parts[:cut]) in sys.modules]
        if not modules:
            continue
        owner = sys.modules[".".join(parts[: modules[-1]])]
        for part in parts[modules[-1] : -1]:
            owner = getattr(owner, part, None)
        original = getattr(owner, parts[-1], None)
        if not callable(original):
            continue
        # The package's own modules keep theirs: only what a notebook can name is replaced.
        setattr(owner, parts[-1], refusal(name))
        for key in [key for key, value in notebook.items() if value is original]:
            notebook[key] = refusal(name)


_install_ban(BANNED, globals())
del _install_ban
"""


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Map each name that is bound to something imported to its full dotted name."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                known[item.asname or item.name.split(".")[0]] = (
                    item.name if item.asname else item.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                known[item.asname or item.name] = f"{node.module}.{item.name}"
    # fit = np.polyfit, then f = fit: repeat until nothing new is learnt.
    assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and len(node.targets) == 1]
    for _ in assignments:
        before = len(known)
        for node in assignments:
            target, full_name = node.targets[0], _full_name(node.value, known)
            if isinstance(target, ast.Name) and full_name and target.id not in known:
                known[target.id] = full_name
        if len(known) == before:
            break
    return known


def _full_name(node: ast.AST, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _full_name(node.value, known)
        return f"{owner}.{node.attr}" if owner else None
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) >= 2
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    ):
        owner = _full_name(node.args[0], known)
        return f"{owner}.{node.args[1].value}" if owner else None
    return None


def _used(node: ast.AST, known: dict[str, str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [item.name for item in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{item.name}" for item in node.names]
    if isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
        full_name = _full_name(node, known)
        return [full_name] if full_name else []
    return []
