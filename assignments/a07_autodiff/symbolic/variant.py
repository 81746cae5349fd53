"""What changes from term to term: the grammar, that is, which kinds of nodes there are."""

ALWAYS = ["Constant", "Variable", "Negate", "Add", "Subtract", "Multiply", "Divide", "Power"]
# A variable in an exponent needs the logarithm for its derivative.
GRAMMARS = [
    {"exponential": True, "trigonometric": False, "variable_exponent": True},
    {"exponential": True, "trigonometric": True, "variable_exponent": True},
    {"exponential": True, "trigonometric": True, "variable_exponent": False},
    {"exponential": False, "trigonometric": True, "variable_exponent": False},
]


def draw(rng, needed):
    """Choose which functions there are, and whether exponents may hold variables."""
    grammar = GRAMMARS[rng.integers(len(GRAMMARS))]
    functions = ["Exp", "Log"] * grammar["exponential"] + ["Sin", "Cos"] * grammar["trigonometric"]
    return {"nodes": ALWAYS + functions, "functions": functions} | grammar
