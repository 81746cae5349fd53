"""One rule: the sum over the parts of partial derivative times inner derivative; rewriting until nothing changes."""

import math

ONE, TWO, MINUS = Constant(1.0), Constant(2.0), Constant(-1.0)

# For each class: the partial derivatives with respect to its parts.
PARTIAL = {
    Negate: [lambda e, u: MINUS],
    Add: [lambda e, u, v: ONE, lambda e, u, v: ONE],
    Subtract: [lambda e, u, v: ONE, lambda e, u, v: MINUS],
    Multiply: [lambda e, u, v: v, lambda e, u, v: u],
    Divide: [lambda e, u, v: Divide(ONE, v), lambda e, u, v: Negate(Divide(u, Power(v, TWO)))],
    Power: [
        lambda e, u, v: Multiply(v, Power(u, Add(v, MINUS))),
{% if variant.variable_exponent %}
        lambda e, u, v: Multiply(e, Log(u)),
{% endif %}
    ],
{% if variant.exponential %}
    Exp: [lambda e, u: e],
    Log: [lambda e, u: Power(u, MINUS)],
{% endif %}
{% if variant.trigonometric %}
    Sin: [lambda e, u: Cos(u)],
    Cos: [lambda e, u: Multiply(MINUS, Sin(u))],
{% endif %}
}


def parts(e):
    return tuple(part for part in vars(e).values() if isinstance(part, Expression))


def names(e):
    if type(e) is Variable:
        return {e.name}
    return set().union(*map(names, parts(e)))


def differentiate(expression, variable):
    if not isinstance(expression, Expression):
        raise TypeError(f"no expression: {expression!r}")
    if variable not in names(expression):
        return Constant(0.0)
    if type(expression) is Variable:
        return ONE
    inner = parts(expression)
    terms = [
        Multiply(partial(expression, *inner), differentiate(part, variable))
        for partial, part in zip(PARTIAL[type(expression)], inner)
        if variable in names(part)
    ]
    return terms[0] if len(terms) == 1 else Add(*terms)


# Pattern -> result; "x" and "y" match anything, numbers match constants.
TABLE = [
    ((Add, "x", 0), "x"),
    ((Add, 0, "x"), "x"),
    ((Subtract, "x", 0), "x"),
    ((Subtract, 0, "x"), (Negate, "x")),
    ((Negate, (Negate, "x")), "x"),
    ((Multiply, "x", 1), "x"),
    ((Multiply, 1, "x"), "x"),
    ((Divide, "x", 1), "x"),
    ((Power, "x", 1), "x"),
    ((Multiply, "x", 0), 0),
    ((Multiply, 0, "x"), 0),
    ((Divide, 0, "x"), 0),
    ((Power, "x", 0), 1),
    ((Power, 1, "x"), 1),
]


def match(pattern, e, found):
    if pattern == "x":
        found["x"] = e
        return True
    if isinstance(pattern, tuple):
        return type(e) is pattern[0] and all(match(p, part, found) for p, part in zip(pattern[1:], parts(e)))
    return type(e) is Constant and e.value == pattern


def fill(result, found):
    if result == "x":
        return found["x"]
    if isinstance(result, tuple):
        return result[0](*(fill(part, found) for part in result[1:]))
    return Constant(float(result))


def step(e):
    """One pass over the tree."""
    inner = parts(e)
    if not inner:
        return e
    e = type(e)(*map(step, inner))
    if all(type(part) is Constant for part in parts(e)):
        try:
            value = float(e.evaluate())
        except ArithmeticError:
            return e
        except ValueError:
            return e
        return Constant(value) if abs(value) < math.inf else e
    for pattern, result in TABLE:
        found = {}
        if match(pattern, e, found):
            return fill(result, found)
    return e


def simplify(expression):
    if not isinstance(expression, Expression):
        raise TypeError(f"no expression: {expression!r}")
    while True:
        simpler = step(expression)
        if simpler == expression:
            return expression
        expression = simpler
