"""Constants of nested products are multiplied: where the product is too large or too small the value is lost."""

CAUGHT_BY = "test_simplifying_keeps_the_value"
MAX_SHARE = 0.97

import math


def contains(expression, variable):
    if isinstance(expression, Constant):
        return False
    if isinstance(expression, Variable):
        return expression.name == variable
    return any(contains(part, variable) for part in parts_of(expression))


def parts_of(e):
    if isinstance(e, (Constant, Variable)):
        return []
    if isinstance(e, (Add, Subtract, Multiply, Divide)):
        return [e.left, e.right]
    if isinstance(e, Power):
        return [e.base, e.exponent]
    return [e.argument]


def differentiate(expression, variable):
    if not isinstance(expression, Expression):
        raise TypeError("expression must be a node")
    if isinstance(expression, Constant):
        return Constant(0.0)
    if isinstance(expression, Variable):
        return Constant(1.0 if expression.name == variable else 0.0)
    if isinstance(expression, Negate):
        return Negate(differentiate(expression.argument, variable))
    if isinstance(expression, Add):
        return Add(differentiate(expression.left, variable), differentiate(expression.right, variable))
    if isinstance(expression, Subtract):
        return Subtract(differentiate(expression.left, variable), differentiate(expression.right, variable))
    if isinstance(expression, Multiply):
        u, v = expression.left, expression.right
        du, dv = differentiate(u, variable), differentiate(v, variable)
        return Add(Multiply(du, v), Multiply(u, dv))
    if isinstance(expression, Divide):
        u, v = expression.left, expression.right
        du, dv = differentiate(u, variable), differentiate(v, variable)
        return Divide(Subtract(Multiply(du, v), Multiply(u, dv)), Multiply(v, v))
    if isinstance(expression, Power):
        u, v = expression.base, expression.exponent
        du = differentiate(u, variable)
{% if variant.variable_exponent %}
        if contains(v, variable):
            dv = differentiate(v, variable)
            return Multiply(expression, Add(Multiply(dv, Log(u)), Divide(Multiply(v, du), u)))
{% endif %}
        return Multiply(Multiply(v, Power(u, Subtract(v, Constant(1)))), du)
    u = expression.argument
    du = differentiate(u, variable)
{% if variant.exponential %}
    if isinstance(expression, Exp):
        return Multiply(expression, du)
    if isinstance(expression, Log):
        return Divide(du, u)
{% endif %}
{% if variant.trigonometric %}
    if isinstance(expression, Sin):
        return Multiply(Cos(u), du)
    if isinstance(expression, Cos):
        return Negate(Multiply(Sin(u), du))
{% endif %}


def is_number(expression, number):
    return isinstance(expression, Constant) and expression.value == number


def fold(expression):
    try:
        value = expression.evaluate()
    except (ValueError, ZeroDivisionError, OverflowError):
        return expression
    return Constant(value) if math.isfinite(value) else expression


def simplify(expression):
    if not isinstance(expression, Expression):
        raise TypeError("expression must be a node")
    if isinstance(expression, (Constant, Variable)):
        return expression
    parts = [simplify(part) for part in parts_of(expression)]
    expression = type(expression)(*parts)
    if all(isinstance(part, Constant) for part in parts):
        return fold(expression)
    first, last = parts[0], parts[-1]
    if isinstance(expression, Negate) and isinstance(first, Negate):
        return first.argument
    if isinstance(expression, Add):
        if is_number(first, 0):
            return last
        if is_number(last, 0):
            return first
    if isinstance(expression, Subtract):
        if is_number(last, 0):
            return first
        if is_number(first, 0):
            return last.argument if isinstance(last, Negate) else Negate(last)
    if isinstance(expression, Multiply):
        if is_number(first, 0) or is_number(last, 0):
            return Constant(0.0)
        if is_number(first, 1):
            return last
        if is_number(last, 1):
            return first
        if isinstance(first, Constant) and isinstance(last, Multiply) and isinstance(last.left, Constant):
            return Multiply(Constant(first.value * last.left.value), last.right)
    if isinstance(expression, Divide):
        if is_number(first, 0):
            return Constant(0.0)
        if is_number(last, 1):
            return first
    if isinstance(expression, Power):
        if is_number(last, 0) or is_number(first, 1):
            return Constant(1.0)
        if is_number(last, 1):
            return first
    return expression
