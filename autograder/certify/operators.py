"""Faults of machine-learning code, as rewritings of one syntax node: what people get wrong, made by rule."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Iterator

__all__ = ["OPERATORS", "UNHEARD", "is_even"]

Rewriting = Callable[[ast.AST], Iterator[ast.AST]]

OPPOSITES = {
    "max": "min",
    "argmax": "argmin",
    "maximum": "minimum",
    "mean": "sum",
    "sum": "mean",
    "cumsum": "sum",
    "all": "any",
    "floor": "ceil",
    "append": "clear",
}
OPPOSITES |= {"min": "max", "argmin": "argmax", "minimum": "maximum", "any": "all", "ceil": "floor"}
# A function that somebody forgets to apply.
DROPPED = (
    *("sqrt", "abs", "exp", "log", "log1p", "expm1", "square", "conj", "clip", "ravel"),
    *("transpose", "matrix_transpose", "swapaxes", "copy", "deepcopy"),
)
# It does not matter which argument comes first.
SYMMETRIC = (
    *("add", "multiply", "maximum", "minimum", "fmax", "fmin", "max", "min"),
    *("hypot", "logaddexp", "array_equal"),
)
# What they return is true or false: no digits to lose.
PREDICATES = ("any", "all", "isinstance", "hasattr", "bool")
# Keywords that change no result: zip's strict is about a mistake of somebody else, doc is text.
UNHEARD = ("strict", "doc")
LAST_AXIS = ("sort", "argsort", "partition", "argpartition", "lexsort", "take_along_axis", "diff")
# What makes an array of one's own, and what hands on that of somebody else.
OWN = {"array": "asarray"}
# Numbers that people count wrongly by one.
COUNTS = (
    "padding",
    "pad",
    "pad_width",
    "stride",
    "dilation",
    "window",
    "size",
    "n_splits",
    "fold",
    "k",
    "lag",
)
ORDERS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq}
ORDERS |= {ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div}
WIDER = {"float64": "float32", "float": "float32"}


def _called(node: ast.AST) -> str:
    """Name of the function that a call calls, without what stands before the dot."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _renamed(node: ast.Call, name: str) -> ast.Call:
    new = copy.deepcopy(node)
    if isinstance(new.func, ast.Attribute):
        new.func.attr = name
    elif isinstance(new.func, ast.Name):
        new.func.id = name
    return new


def _with_keyword(node: ast.Call, name: str, value: ast.expr | None) -> ast.Call:
    """The call with another value for a keyword; without the keyword, where the value is None."""
    new = copy.deepcopy(node)
    others = [keyword for keyword in new.keywords if keyword.arg != name]
    new.keywords = others if value is None else [*others, ast.keyword(name, value)]
    return new


def _keyword(node: ast.AST, name: str) -> ast.expr | None:
    if not isinstance(node, ast.Call):
        return None
    return next((keyword.value for keyword in node.keywords if keyword.arg == name), None)


def wrong_axis(node: ast.AST) -> Iterator[ast.AST]:
    value = _keyword(node, "axis")
    if isinstance(node, ast.Call) and value is not None:
        try:
            axis = ast.literal_eval(value)
        except ValueError:
            return
        if isinstance(axis, int):
            yield _with_keyword(node, "axis", ast.Constant(0 if axis else 1))
        # Without an axis these take the last, which is most often the one that was meant.
        if _called(node) not in LAST_AXIS:
            yield _with_keyword(node, "axis", None)


def lost_keepdims(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and _keyword(node, "keepdims") is not None:
        yield _with_keyword(node, "keepdims", None)


def other_ddof(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and _keyword(node, "ddof") is not None:
        yield _with_keyword(node, "ddof", None)
    elif isinstance(node, ast.Call) and _called(node) in ("std", "var"):
        new = copy.deepcopy(node)
        new.keywords.append(ast.keyword("ddof", ast.Constant(1)))
        yield new


def opposite_function(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and (name := OPPOSITES.get(_called(node))):
        yield _renamed(node, name)


def dropped_function(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and _called(node) in DROPPED:
        is_method = isinstance(node.func, ast.Attribute) and not node.args
        yield node.func.value if is_method else node.args[0] if node.args else node  # type: ignore[attr-defined]


def no_max_shift(node: ast.AST) -> Iterator[ast.AST]:
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and _called(node.right) in ("max", "amax", "min")
    ):
        yield node.left


def dropped_term(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp):
        yield node.left
        if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
            yield node.right
        elif isinstance(node.op, ast.Sub):
            yield ast.UnaryOp(ast.USub(), node.right)


def other_sign(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    if isinstance(node, ast.BinOp | ast.AugAssign) and (kind := SIGNS.get(type(node.op))):
        new = copy.deepcopy(node)
        new.op = kind()
        yield new


def transposed_operand(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):
            new = copy.deepcopy(node)
            setattr(new, side, ast.Attribute(getattr(new, side), "T", ast.Load()))
            yield new


def swapped_arguments(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and _called(node).lower() not in SYMMETRIC:
        for index, (first, second) in enumerate(itertools.pairwise(node.args)):
            if not isinstance(first, ast.Constant | ast.Starred) and not isinstance(
                second, ast.Constant | ast.Starred
            ):
                new = copy.deepcopy(node)
                new.args[index : index + 2] = new.args[index + 1], new.args[index]
                yield new
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        new_operation = copy.deepcopy(node)
        new_operation.left, new_operation.right = new_operation.right, new_operation.left
        yield new_operation


def other_comparison(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for index, order in enumerate(node.ops):
            if kind := ORDERS.get(type(order)):
                new = copy.deepcopy(node)
                new.ops[index] = kind()
                yield new


def other_condition(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        new = copy.deepcopy(node)
        new.test = ast.UnaryOp(ast.Not(), new.test)
        yield new
    if isinstance(node, ast.BoolOp):
        other = copy.deepcopy(node)
        other.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield other


def other_number(node: ast.AST) -> Iterator[ast.AST]:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield from (ast.Constant(2 * value), ast.Constant(value / 2))


def off_by_one(node: ast.AST) -> Iterator[ast.AST]:
    """Ends and steps of ranges and slices, counts such as a padding: those that are no numbers."""
    if _called(node) == "range" and isinstance(node, ast.Call):
        for index, bound in enumerate(node.args):
            if not isinstance(bound, ast.Constant):
                new = copy.deepcopy(node)
                new.args[index] = ast.BinOp(new.args[index], ast.Sub(), ast.Constant(1))
                yield new
    if isinstance(node, ast.Call):
        for name in COUNTS:
            if (count := _keyword(node, name)) is not None and not isinstance(count, ast.Constant):
                for sign in (ast.Add(), ast.Sub()):
                    yield _with_keyword(node, name, ast.BinOp(count, sign, ast.Constant(1)))
    if isinstance(node, ast.Slice):
        for side in ("lower", "upper", "step"):
            bound_of = getattr(node, side)
            if bound_of is not None and not isinstance(bound_of, ast.Constant):
                for sign in (ast.Add(), ast.Sub()):
                    part = copy.deepcopy(node)
                    setattr(part, side, ast.BinOp(getattr(part, side), sign, ast.Constant(1)))
                    yield part


def in_place(node: ast.AST) -> Iterator[ast.AST]:
    """``x = x + y`` as ``x += y``, which changes whoever else holds x; sums that do not add up."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.BinOp):
        target = node.targets[0]
        if isinstance(target, ast.Name) and ast.dump(node.value.left) == ast.dump(
            ast.Name(target.id, ast.Load())
        ):
            yield ast.AugAssign(target, node.value.op, node.value.right)
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)


def aliased(node: ast.AST) -> Iterator[ast.AST]:
    """A result that shares its memory with what it was made from."""
    if isinstance(node, ast.Call) and (name := OWN.get(_called(node))):
        yield _renamed(node, name)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("list", "dict", "set") and node.args:
        yield node.args[0]


def leaked_rows(node: ast.AST) -> Iterator[ast.AST]:
    """All rows in place of those chosen: the scaler that is fitted on the test rows too."""
    chosen = ast.Name | ast.Attribute | ast.Compare
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and isinstance(node.slice, chosen):
        yield node.value
    if isinstance(node, ast.Call) and _called(node) == "transform":
        yield _renamed(node, "fit_transform")


def rounded(node: ast.AST) -> Iterator[ast.AST]:
    """Half the digits."""
    if isinstance(node, ast.Attribute) and node.attr in WIDER and getattr(node.value, "id", "") == "np":
        yield ast.Attribute(node.value, WIDER[node.attr], node.ctx)
    if isinstance(node, ast.Call) and getattr(_keyword(node, "dtype"), "id", "") == "float":
        yield _with_keyword(node, "dtype", ast.Constant("float32"))
    if (
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.BinOp | ast.Call)
        and _called(node.value) not in PREDICATES
    ):
        single = ast.Attribute(ast.Name("np", ast.Load()), "float32", ast.Load())
        yield ast.Return(ast.Call(single, [node.value], []))


def dropped_keyword(node: ast.AST) -> Iterator[ast.AST]:
    """Where a default differs: an unstable sort, another side, another mode."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            # What is said to be true is most often false by default, and the other way round: other_number.
            is_switch = isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool)
            if keyword.arg not in (None, "axis", "keepdims", "ddof", *UNHEARD) and not is_switch:
                yield _with_keyword(node, str(keyword.arg), None)


def ignored_seed(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("rng", "generator"):
        fresh = ast.parse("np.random.default_rng(0)", mode="eval").body
        yield ast.Attribute(fresh, node.attr, node.ctx)
    if (
        isinstance(node, ast.Call)
        and _called(node) in ("default_rng", "RandomState", "manual_seed")
        and node.args
    ):
        new = copy.deepcopy(node)
        new.args = [ast.Constant(0)]
        yield new


def dropped_statement(node: ast.AST) -> Iterator[ast.AST]:
    changes = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    is_check = isinstance(node, ast.If) and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)
    # An assignment to a local name that goes away is a NameError and no mistake that anybody hands in.
    stores = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    if changes or is_check or stores or isinstance(node, ast.AugAssign | ast.Break | ast.Continue):
        yield ast.Pass()


def swapped_results(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
        yield ast.Return(ast.Tuple(list(reversed(node.value.elts)), ast.Load()))


def is_even(node: ast.AST) -> bool:
    """Whether a node forgets the sign of what is in it: a square, an absolute value."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
        return node.right.value in (2, 4)
    return _called(node) in ("abs", "square", "fabs", "cos")


OPERATORS: dict[str, Rewriting] = {
    rewriting.__name__: rewriting
    for rewriting in (
        *(wrong_axis, lost_keepdims, other_ddof, opposite_function, dropped_function, no_max_shift),
        *(dropped_term, other_sign, transposed_operand, swapped_arguments, other_comparison),
        *(other_condition, other_number, off_by_one, in_place, aliased, leaked_rows, rounded),
        *(dropped_keyword, ignored_seed),
        *(dropped_statement, swapped_results),
    )
}
"""Name of the fault -> what a node becomes, in each way; nothing where the fault has no meaning there."""
