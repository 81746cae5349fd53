"""The first cell of a handout: otter if it is installed, else a stand-in that runs the same files."""

from __future__ import annotations

from autograder.models import BuiltAssignment

__all__ = ["export_cell", "first_cell"]

# One function, and no annotations: nothing but `grader` may appear among the student's names, and a
# __future__ import would change the student's own cells.
FIRST_CELL = '''\
# Run this cell first. It makes `grader`, which runs the checks in the folder tests/.
def _set_up():
    import pathlib
    import sys
    import zipfile

    tests, notebook = pathlib.Path("tests"), "@notebook@"
    needed = @needed@
    help_text = (
        "Put the whole handout into one folder; on Colab run "
        "`from google.colab import files; files.upload()`, choose the handout's zip, and run this cell again."
    )

    def is_notebook(path):
        return path.rpartition("/")[2] == notebook

    def missing():
        return [name for name in needed if not (tests / name).is_file()]

    def unpack(handout):
        with zipfile.ZipFile(handout) as archive:
            # Any other zip in the folder, such as one to hand in, is none of our business.
            names = archive.namelist()
            if not any("tests/" in name for name in names) or not any(map(is_notebook, names)):
                return
            for member in archive.infolist():
                path = member.filename
                if "tests/" in path and not path.startswith("tests/"):
                    path = path[path.index("tests/") :]
                target = pathlib.Path(path)
                # Never over a file that is there: it may hold somebody's work.
                if member.is_dir() or target.exists() or ".." in target.parts or target.suffix == ".ipynb":
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))

    class Report:
        def __init__(self, lines):
            self.lines = lines

        def __repr__(self):
            return "\\n".join(self.lines)

    class Grader:
        """Runs the check files where otter-grader is not installed."""

        def check(self, question, global_env=None):
            env = sys._getframe(1).f_globals if global_env is None else global_env
            path = tests / (question + ".py")
            if not path.is_file():
                return Report([f"{question}: {path} is missing. {help_text}"])
            space = {}
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
            cases = [case for case in space.values() if type(case).__name__ == "test_case"]
            lines = []
            for case in cases:
                try:
                    case.test_func(env)
                except Exception as error:
                    told = f"{type(error).__name__}: {error}\\n{getattr(case, 'failure_message', None) or ''}"
                    lines += [f"  failed: {case.name}"] + ["    " + row for row in told.splitlines() if row]
            failed = sum(line.startswith("  failed: ") for line in lines)
            return Report([f"{question}: {len(cases) - failed} of {len(cases)} public checks passed"] + lines)

        def check_all(self):
            env = sys._getframe(1).f_globals
            reports = [self.check(path.stem, env) for path in sorted(tests.glob("*.py"))]
            return Report([line for report in reports for line in report.lines])

        def export(self, *args, **kwargs):
            print("Save this notebook and hand in the file itself.")

    try:
        # The zip is called after the student, or handout.zip, or as a browser renamed it.
        for path in sorted(pathlib.Path().glob("*.zip")) if missing() else []:
            if zipfile.is_zipfile(path):
                unpack(path)
        if not tests.is_dir():
            print(f"There is no folder tests/ beside this notebook. {help_text}")
        elif missing():
            print(f"The folder tests/ beside this notebook has no {', '.join(missing())}. {help_text}")
        if missing():
            return Grader()
        import otter

        # Without the notebook's name: a renamed file would be an error here.
        return otter.Notebook(tests_dir="tests")
    except Exception:
        return Grader()


grader = _set_up()
'''

EXPORT_CELL = """\
# Makes a zip to hand in, where otter-grader is installed. Handing in the saved notebook is as good.
def _export(path):
    import os
    import time

    try:
        grader.export(path, pdf=False)
    except Exception as error:
        print(f"No zip was made ({type(error).__name__}: {error}). Save the notebook and hand it in itself.")
    if path and os.path.isfile(path):
        saved = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(os.path.getmtime(path)))
        print(f"{path} was saved {saved}. If you have changed it since, save it and run this again.")


_export(globals().get("_notebook_file"))
"""


def first_cell(built: BuiltAssignment) -> str:
    """Return the source of the handout's first cell; running it never raises."""
    needed = [f"{item.question.id}.py" for item in built.questions if item.question.kind == "code"]
    text = FIRST_CELL.replace("@notebook@", f"{built.assignment.id}.ipynb").replace("@needed@", repr(needed))
    return text.rstrip("\n")


def export_cell() -> str:
    """Return the source of the handout's last cell."""
    return EXPORT_CELL.rstrip("\n")
