"""Cells in IPython's syntax, without history, shell, windows or questions; errors come back as data."""

from __future__ import annotations

import builtins
import contextlib
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from signal import SIG_IGN, SIGINT, default_int_handler
from signal import signal as set_handler
from types import CodeType, ModuleType
from typing import Any, NoReturn

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from .failures import describe_error

NO_COMMANDS = (
    "Shell commands (!, %pip, %%bash ...) do not run while a notebook is graded; this one was skipped."
)
NO_INPUT = "input() cannot be used here: nobody is there to answer while a notebook is graded"
COMMAND_MAGICS = ("pip", "conda", "mamba", "micromamba", "uv", "system", "sx", "sc")
COMMAND_CELL_MAGICS = (
    "bash",
    "sh",
    "script",
    "perl",
    "ruby",
    "pypy",
    "python",
    "python2",
    "python3",
    "system",
    "sx",
    "!",
)
OTHER_MAGICS = (
    "debug",
    "pdb",
    "edit",
    "history",
    "recall",
    "rerun",
    "logstart",
    "notebook",
    "save",
    "load",
    "loadpy",
    "pastebin",
    # Answers are there when the last cell has run, also if it tidied up.
    "reset",
    "reset_selective",
)


class Compiler(CachingCompiler):
    """Names a cell by its number, which a traceback and `inspect.getsource` then show."""

    number = 0
    _last: tuple[str, int, Any] = ("", 0, None)

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"<cell {self.number}>"

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        """Parse; the same text twice in a row, as `transform_cell` and IPython do, only once."""
        if self._last[:2] != (source, self.flags):
            self._last = (source, self.flags, super().ast_parse(source, filename, symbol))
        return self._last[2]


class PlainPublisher(DisplayPublisher):
    def publish(self, data: Any, *args: Any, **kwargs: Any) -> None:
        text = data.get("text/plain", "") if isinstance(data, dict) else ""
        if text:
            print(str(text)[:10_000])

    def clear_output(self, wait: bool = False) -> None:
        pass


class PlainDisplay(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def finish_displayhook(self) -> None:
        sys.stdout.write("\n")
        sys.stdout.flush()


class GradingShell(InteractiveShell):
    """An IPython shell with nobody in front of it."""

    compiler_class = Type(Compiler)
    display_pub_class = Type(PlainPublisher)
    displayhook_class = Type(PlainDisplay)
    codes: list[CodeType | None] | None = None
    """Where `run_code` notes what it runs for the cell at hand; None inside a cell that another one runs."""

    def transform_cell(self, raw_cell: str) -> str:
        """Leave alone what is Python already: to look for IPython's syntax costs more than to run most cells.

        One line may still be a command, and IPython drops empty lines at the start.
        """
        text = raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        if "\n" in text[:-1] and not text[0].isspace():
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                self.compile.ast_parse(text)
                return text
        transform: Any = super().transform_cell
        return str(transform(raw_cell))

    def should_run_async(self, raw_cell: str, **rest: Any) -> bool:
        """Compile a cell to find out only if it may await something."""
        may_await = "await" in raw_cell or "async" in raw_cell
        return may_await and bool(super().should_run_async(raw_cell, **rest))

    async def run_code(self, code_obj: CodeType, result: Any = None, *, async_: bool = False) -> bool:
        run: Any = super().run_code
        codes, self.codes = self.codes, None
        try:
            failed = bool(await run(code_obj, result, async_=async_))
        finally:
            self.codes = codes
        if codes is not None:
            codes.append(None if async_ else code_obj)
        return failed

    def system(self, cmd: str) -> None:
        print(NO_COMMANDS)
        self.user_ns["_exit_code"] = 1

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> list[str]:
        print(NO_COMMANDS)
        return []

    def enable_gui(self, gui: str | None = None) -> None:
        pass

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        return "agg", "agg"

    def _nothing(self, *args: Any, **kwargs: Any) -> None:
        pass

    showtraceback = showsyntaxerror = _showtraceback = _nothing
    init_io = init_virtualenv = atexit_operations = ask_exit = _nothing


def make_shell() -> GradingShell:
    """Make the shell and warm up what it imports late; runs once, in the zygote."""
    config = Config()
    config.HistoryManager.enabled = False  # its thread would make a fork unsafe
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 50
    config.InteractiveShell.history_length = 0
    config.Completer.use_jedi = False
    module = ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    GradingShell.clear_instance()
    shell: GradingShell = GradingShell.instance(config=config, user_module=module)
    _replace_magics(shell)
    _replace_questions()
    _replace_windows()
    for source in ("1", "%time 1"):
        run_cell(shell, source)
    shell.user_ns.pop("_", None)
    return shell


def _close_idle_loop() -> None:
    """Close the loop that IPython keeps for awaiting cells: forks would share its descriptors."""
    from asyncio import all_tasks

    from IPython.core import async_helpers

    loop = async_helpers._asyncio_event_loop
    if loop is not None and not loop.is_running() and not loop.is_closed() and not all_tasks(loop):
        loop.close()


def _replace_magics(shell: GradingShell) -> None:
    def skip(line: str, cell: str | None = None) -> None:
        print(NO_COMMANDS)

    def refuse(line: str, cell: str | None = None) -> None:
        print("This magic command does not run while a notebook is graded; it was skipped.")

    register: Any = shell.register_magic_function
    for kind, function, names in (
        ("line", skip, COMMAND_MAGICS),
        ("cell", skip, COMMAND_CELL_MAGICS),
        ("line", refuse, OTHER_MAGICS),
    ):
        for name in names:
            register(function, kind, name)


def _replace_questions() -> None:
    def no_input(prompt: object = "", /) -> NoReturn:
        raise RuntimeError(NO_INPUT)

    def no_command(command: str) -> int:
        print(NO_COMMANDS)
        return 1

    builtins.input = no_input
    os.system = no_command  # type: ignore[assignment]
    import _sitebuiltins
    import getpass

    getpass.getpass = no_input  # type: ignore[assignment]
    builtins.help = _sitebuiltins._Helper()  # site, which provides it, is not imported in a jail


def _replace_windows() -> None:
    if "matplotlib" in sys.modules:
        import matplotlib.pyplot as plt

        plt.switch_backend("agg")
        plt.show = lambda *args, **kwargs: plt.close("all")
    if "tqdm" in sys.modules:
        tqdm, notebook = import_module("tqdm"), import_module("tqdm.notebook")
        for name in ("tqdm", "tqdm_notebook", "trange", "tnrange"):
            setattr(notebook, name, tqdm.trange if "range" in name else tqdm.tqdm)


def run_cell(shell: GradingShell, source: str) -> BaseException | None:
    """Run a cell and return what stopped it; a text that ran to its end before is not compiled again."""
    if codes := RAN.get(source) or _compile_definitions(shell, source):
        error = _run_codes(shell, codes)
        if error is None:
            RAN[source] = codes
        return error
    run: Any = shell.run_cell
    shell.codes = []
    result = run(source, store_history=False)
    ran, shell.codes = shell.codes, None
    if None in ran:
        _close_idle_loop()
    error = result.error_before_exec or result.error_in_exec
    if error is None and None not in ran:
        RAN[source] = [code for code in ran if code is not None]
    return error


# Cells that ran to their end -> their code: a question executes its answer once more.
RAN: dict[str, list[CodeType]] = {}


def _compile_definitions(shell: GradingShell, source: str) -> list[CodeType]:
    """Compile a cell of plain Python that ends with a definition or an import; nothing for any other cell.

    It shows no value and so does not need the tree that IPython splits it by, which costs most of the time.
    """
    unindented = [line for line in UNINDENTED.findall(source) if not line.startswith("#")]
    if source[:1].isspace() or not unindented or not DEFINITION.match(unindented[-1]):
        return []
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return [shell.compile(source, shell.compile.cache(source, shell.execution_count), "exec")]
    return []


UNINDENTED = re.compile(r"^\S.*", re.MULTILINE)
DEFINITION = re.compile(r"(def|class|import|from)\b")


def _run_codes(shell: GradingShell, codes: Sequence[CodeType]) -> BaseException | None:
    try:
        with shell.builtin_trap, shell.display_trap:
            for code in codes:
                exec(code, shell.user_ns)
    except BaseException as error:
        return error
    return None


def run_cells(shell: GradingShell, cells: Sequence[str], first: int = 1) -> list[Any]:
    """Run cells one after the other; a cell that fails does not stop the next.

    Parameters
    ----------
    shell : GradingShell
    cells : sequence of str
        Sources in IPython's syntax.
    first : int
        Number of the first cell, as errors name it.

    Returns
    -------
    list
        For each cell None or its error, see `failures.describe_error`.
    """
    return [_run_cell(shell, number, source) for number, source in enumerate(cells, first)]


def _run_cell(shell: GradingShell, number: int, source: str) -> Any:
    Compiler.number = number
    shell.execution_count = number
    try:
        # The trusted side interrupts a cell that takes too long; between cells a late signal must not count.
        with contextlib.suppress(ValueError):
            set_handler(SIGINT, default_int_handler)
        error = run_cell(shell, source)
    except KeyboardInterrupt as interrupt:
        error = interrupt
    finally:
        with contextlib.suppress(ValueError):
            set_handler(SIGINT, SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
    return None if error is None else describe_error(error)
