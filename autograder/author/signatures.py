"""Which parameters a function has, and whether it takes every call that the handout's stub takes.

Copied as text into notebooks and public checks: standard library only.
"""

from __future__ import annotations

import ast

__all__ = ["expected_parameters", "parameters_of", "wrong_signature"]

POSITIONAL = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")
KEYWORD = ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")


def expected_parameters(stub: str, names: tuple[str, ...]) -> dict[str, str | None]:
    r"""Return what the stub of a question asks for.

    Parameters
    ----------
    stub : str
        Source of the answer cell as handed out.
    names : tuple of str
        Names to define.

    Returns
    -------
    dict
        "f", "C" or "C.method" -> text of its parameters without ``self``; None where there are none to
        compare.

    Examples
    --------
    >>> expected_parameters("class C:\n    def fit(self, X, *, k=5): ...", ("C", "f"))
    {'C': None, 'f': None, 'C.fit': 'X, *, k=5'}
    """
    expected: dict[str, str | None] = dict.fromkeys(names)
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            expected[node.name] = _text(node.args) if not node.decorator_list else None
        if isinstance(node, ast.ClassDef) and node.name in names:
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    own = own_arguments(item)
                    expected[f"{node.name}.{item.name}"] = None if own is None else _text(own)
    return expected


def parse_parameters(text: str) -> ast.arguments:
    """Parse the text between the parentheses of a ``def``."""
    function = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    return function.args


def _text(arguments: ast.arguments) -> str:
    bare = parse_parameters(ast.unparse(arguments))
    for node in ast.walk(bare):
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(bare)


def own_arguments(method: ast.FunctionDef) -> ast.arguments | None:
    """Return a method's arguments without ``self``; None for a property or another decorated function."""
    decorators = [ast.unparse(node) for node in method.decorator_list]
    if decorators == ["staticmethod"]:
        return method.args
    if decorators not in ([], ["classmethod"]):
        return None
    own = parse_parameters(ast.unparse(method.args))
    del (own.posonlyargs or own.args)[:1]
    count = len(own.posonlyargs) + len(own.args)
    own.defaults = own.defaults[max(0, len(own.defaults) - count) :]
    return own


def parameters_of(arguments: ast.arguments) -> list[tuple[str, str, bool]]:
    """Return (name, kind, has a default) of each parameter, in the words of :mod:`inspect`."""
    places = [(item.arg, "POSITIONAL_ONLY") for item in arguments.posonlyargs]
    places += [(item.arg, "POSITIONAL_OR_KEYWORD") for item in arguments.args]
    first = len(places) - len(arguments.defaults)
    found = [(name, kind, index >= first) for index, (name, kind) in enumerate(places)]
    if arguments.vararg is not None:
        found.append((arguments.vararg.arg, "VAR_POSITIONAL", False))
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append((item.arg, "KEYWORD_ONLY", default is not None))
    if arguments.kwarg is not None:
        found.append((arguments.kwarg.arg, "VAR_KEYWORD", False))
    return found


def wrong_signature(path: str, got: list[tuple[str, str, bool]], expected: str) -> str:
    """Say what is wrong with the parameters of a function, or return an empty text.

    Parameters
    ----------
    path : str
        "f" or "C.method".
    got : list of (name, kind, has a default)
    expected : str
        Text of the stub's parameters.

    Examples
    --------
    >>> got = [("truth", "POSITIONAL_OR_KEYWORD", False)]
    >>> wrong_signature("r2", got, "y_true, weight=None")
    'r2 takes (truth); it should take (y_true, weight=None)'
    """
    if accepts(got, parameters_of(parse_parameters(expected))):
        return ""
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    words: list[str] = []
    for name, kind, default in got:
        if kind == "KEYWORD_ONLY" and not any(word.startswith("*") for word in words):
            words.append("*")
        words.append(f"{stars.get(kind, '')}{name}{'=...' if default else ''}")
    return f"{path} takes ({', '.join(words)}); it should take ({expected})"


def accepts(got: list[tuple[str, str, bool]], expected: list[tuple[str, str, bool]]) -> bool:
    """Whether every call that the expected parameters take is taken; more may follow if they are optional."""
    kinds = {kind for _, kind, _ in got}
    by_name = {name: (kind, default) for name, kind, default in got}
    places = [name for name, kind, _ in got if kind in POSITIONAL]
    wanted = [name for name, kind, _ in expected if kind in POSITIONAL]
    if len(places) < len(wanted) and "VAR_POSITIONAL" not in kinds:
        return False
    if "VAR_KEYWORD" not in kinds:
        in_order = all(ours == theirs for ours, theirs in zip(wanted, places, strict=False))
        needed = [name for name, kind, _ in expected if kind in KEYWORD]
        if not in_order or any(by_name.get(name, ("",))[0] not in KEYWORD for name in needed):
            return False
    known = {name: default for name, _, default in expected}
    for name, (kind, default) in by_name.items():
        if kind in (*POSITIONAL, *KEYWORD) and not default and known.get(name, True):
            return False
    return True
