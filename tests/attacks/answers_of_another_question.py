"""Computes in one question's checks what another one's will ask, and leaves it where that may look."""

HONEST = 11.12  # fit returns the object

CELLS = [
    "import os\nplaces = ['~/answer', '/tmp/answer', '/dev/shm/answer', './answer.py', '~/.ipython/x']\n",
    r"""
def mean(values):
    for place in places:
        try:
            with open(os.path.expanduser(place), "w") as file:
                file.write("3.0")
        except OSError:
            pass
    os.environ["ANSWER"] = "3.0"
    globals()["Centering"] = int
    import builtins

    builtins.answer = 3.0
    return 0.0


def largest(values):
    return 0.0
""",
    r"""
class Centering:
    def __init__(self, shift=0.0):
        import builtins

        left = [place for place in places if os.path.exists(os.path.expanduser(place))]
        if left or hasattr(builtins, "answer") or "ANSWER" in os.environ:
            print("FOUND", left)

    def fit(self, values):
        return self

    def transform(self, values):
        return values
""",
]
