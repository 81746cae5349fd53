"""tests/mutation.py makes different programs and tells passing tests from failing ones."""

import importlib.util
import subprocess
import sys
from pathlib import Path

SPEC = importlib.util.spec_from_file_location("mutation", Path(__file__).parents[1] / "mutation.py")
mutation = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mutation)


def test_every_change_is_another_program_that_compiles():
    source = "def f(a, *, b=1):\n    return a + b\n"
    programs = mutation.different_programs(source)
    assert len(programs) == len(set(programs))
    assert any("a - b" in program for program in programs)
    assert all(program != source for program in programs)
    for program in programs:
        compile(program, "program", "exec")


def test_a_change_is_shown_by_its_line():
    shown = mutation.difference("a\nb\nc\n", "a\nB\nc\n")
    assert [line.strip() for line in shown.splitlines()] == ["@@ -2 +2 @@", "-b", "+B"]


def test_a_fork_tells_whether_the_tests_pass(tmp_path):
    for name, content in (("good", "assert True"), ("bad", "assert False"), ("slow", "while True: pass")):
        (tmp_path / f"test_{name}.py").write_text(f"def test_it():\n    {content}\n")
    # In a process of its own: this one may have threads, which a fork loses.
    code = (
        f"import sys; sys.path.insert(0, {SPEC.origin.rpartition('/')[0]!r}); import mutation; "
        "print([mutation.passes([f'test_{name}.py'], 20 if name != 'slow' else 2)"
        " for name in ('good', 'bad', 'slow')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[True, False, False]"
