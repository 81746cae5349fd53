"""Cells in IPython's syntax: what a notebook may hold runs, or is skipped with a word; nobody is asked."""

from __future__ import annotations

import pytest

from autograder.sandbox import Zygote

RUNS = {  # cell -> what it prints
    "%matplotlib inline": None,
    "%load_ext autoreload\n%autoreload 2": None,
    "%timeit -n 1 -r 1 1 + 1": "per loop",
    "%%time\nx = 1": "Wall time",
    "%%timeit -n 1 -r 1\nx = 1": "per loop",
    "%time sum(range(10))": "Wall time",
    "%%capture\nprint('hidden')": "",
    "%who": "Interactive namespace",
    "%whos": "Interactive namespace",
    "%config InlineBackend.figure_format = 'retina'": None,
    "x = 1\n%reset -f\nassert x": "does not run",
    "%pwd": "/home",
    "%ls": "Shell commands",
    "%env": "HOME",
    "%precision 3": None,
    "%pprint": None,
    "%lsmagic": "timeit",
    "1 + 1": "2",
    "display(3)": "3",
    "from IPython.display import Markdown, HTML\ndisplay(Markdown('# title'))": "Markdown",
    "?len": "Return the number of items",
    "len?": "Return the number of items",
    "len??": "Return the number of items",
    "help(len)": "Return the number of items",
    "!ls": "Shell commands",
    "files = !ls\nassert files == []": "Shell commands",
    "!pip install sklearn": "Shell commands",
    "%pip install sklearn": "Shell commands",
    "%conda install sklearn": "Shell commands",
    "%%bash\nls": "Shell commands",
    "%%sh\nls": "Shell commands",
    "import os\nassert os.system('ls') == 1": "Shell commands",
    "%debug": "does not run",
    "exit()": None,
    "quit": None,
    "import asyncio\nawait asyncio.sleep(0)\nx = 1": "",
    "%%writefile own.py\nvalue = 7": "Writing own.py",
    "import sys\nprint(sys.path[0] == '', __name__)": "True __main__",
    "_ = 3\nprint(_)": "3",
    "print('unicode', '\\u00e9\\U0001F600')": "\\u00e9\\U0001F600",
    "import numpy as np\nnp.arange(3)": "array([0, 1, 2])",
}
FAILS = {  # cell -> name of the error, a part of its text
    "1 / 0": ("ZeroDivisionError", "division by zero"),
    "x = 1)": ("SyntaxError", "unmatched ')'"),
    "  x = 1\n y = 2": ("IndentationError", ""),
    "%nosuchmagic": ("UsageError", "nosuchmagic"),
    "input('name? ')": ("RuntimeError", "nobody is there to answer"),
    "import getpass\ngetpass.getpass()": ("RuntimeError", "nobody is there to answer"),
    "raise SystemExit(3)": ("SystemExit", "3"),
    "raise KeyboardInterrupt": ("KeyboardInterrupt", ""),
    "class E(Exception):\n    def __str__(self): raise ValueError\nraise E": ("E", "unprintable"),
    "def f(): return f()\nf()": ("RecursionError", "maximum recursion depth"),
    "import sklearn": ("ModuleNotFoundError", "sklearn"),
    "assert False, 'own words'": ("AssertionError", "own words"),
}


@pytest.mark.parametrize(("cell", "printed"), RUNS.items(), ids=range(len(RUNS)))
def test_cell_runs(zygote, cell, printed):
    with zygote.open([cell, "done = 'yes'"]) as jail:
        assert jail.dead is None
        assert jail.errors == [None, None], jail.errors
        if printed == "":
            assert jail.output().strip() == ""
        elif printed is not None:
            assert printed.encode().decode("unicode_escape") in jail.output()
        assert jail.forks, jail.reason
        assert jail.question().student.done == "yes"


@pytest.mark.parametrize(("cell", "expected"), FAILS.items(), ids=range(len(FAILS)))
def test_cell_fails_as_data(zygote, cell, expected):
    name, text = expected
    with zygote.open([cell, "done = 'yes'"]) as jail:
        error, after = jail.errors
        assert error.type_names[0] == name
        assert text in error.text
        assert after is None
        assert jail.question().student.done == "yes"


def test_written_module_can_be_imported_and_run(zygote):
    cells = ["%%writefile own.py\nvalue = 7", "import own\nx = own.value", "%run own.py", "y = value"]
    with zygote.open(cells) as jail:
        assert jail.errors == [None] * 4
        student = jail.question().student
        assert (student.x, student.y) == (7, 7)


def test_syntax_error_names_its_line(zygote):
    with zygote.open(["a = 1", "b = 2\nc = = 3"]) as jail:
        assert jail.errors[1].frames == (("<cell 2>", 2, "<module>", "c = = 3"),)


def test_a_cell_that_ends_with_a_definition_fails_like_any_other(zygote):
    with zygote.open(["x = 1 / 0\ndef f(): pass", "x = 1 / 0\nx"]) as jail:
        definition, value = jail.errors
    assert definition.frames == (("<cell 1>", 1, "<module>", "x = 1 / 0"),)
    assert (value.type_names, value.frames[0][1:]) == (definition.type_names, definition.frames[0][1:])


def test_a_future_import_holds_for_the_cells_after_it(zygote):
    cells = ["def f(x: nothing): pass", "from __future__ import annotations", "def g(x: nothing): pass"]
    with zygote.open(cells) as jail:
        assert [error is None for error in jail.errors] == [False, True, True]


def test_source_of_an_answer_can_be_inspected(zygote):
    cells = ["def f():\n    return 3", "import inspect\ntext = inspect.getsource(f)"]
    with zygote.open(cells) as jail:
        assert jail.errors == [None, None]
        assert jail.question().student.text == "def f():\n    return 3\n"


def test_function_can_be_pickled_by_name(zygote):
    with zygote.open(["import pickle\ndef f(): return 3\ng = pickle.loads(pickle.dumps(f))()"]) as jail:
        assert jail.errors == [None]
        assert jail.question().student.g == 3


AGAIN = {  # cell -> what `log` holds after it ran twice
    "log.append(1)\nx = 1": [1, 1],
    "%%capture\nlog.append(1)\nx = 1": [1, 1],
    "get_ipython().run_cell('log.append(2)\\nx = 1')\nlog.append(1)": [2, 1, 2, 1],
    "import asyncio\nawait asyncio.sleep(0)\nlog.append(1)": [1, 1],
    "log.append(1)\nassert len(log) > 1": [1, 1],
    "log.append(1)\nif len(log) == 2:\n    raise ValueError('second')": [1, 1],
    "x = (7\n% 4)\nlog.append(x)": [3, 3],
    "value = %pwd\nlog.append(value)": ["/home/nb", "/home/nb"],
}


@pytest.mark.parametrize(("cell", "log"), AGAIN.items(), ids=range(len(AGAIN)))
def test_a_cell_that_is_run_again_does_the_same_again(zygote, cell, log):
    with zygote.open(["log = []", cell, cell]) as jail:
        assert [error.text for error in jail.errors if error is not None and error.text] in ([], ["second"])
        assert jail.question().student.log == log


def test_an_answer_that_is_run_again_replaces_what_was_bound_since(zygote):
    answer = "def f():\n    return 3"
    with zygote.open([answer, "f = None"]) as jail:
        assert jail.question([answer]).student.f() == 3


def test_cell_longer_than_a_megabyte_does_not_run(zygote):
    with zygote.open(["x = 1 #" + "x" * (1 << 20), "y = 2"]) as jail:
        assert "longer than 1 MB" in jail.errors[0].text
        assert jail.question().student.y == 2


def test_plots_and_tables():
    cells = [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport pandas as pd",
        "for _ in range(30):\n    plt.figure(); plt.plot([1, 2]); plt.show()",
        "pd.DataFrame({'a': [1, 2]})",
    ]
    packages = ("pandas", "matplotlib")
    for preload in ((), ("pandas", "matplotlib.pyplot")):
        with Zygote(packages, preload) as zygote, zygote.open(cells) as jail:
            assert jail.errors == [None] * 3
            assert "0  1" in jail.output()
