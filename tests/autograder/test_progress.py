"""Progress is plain off a terminal and always reports the end."""

from __future__ import annotations

from autograder.progress import progress


def test_off_a_terminal_the_last_step_is_a_plain_line(capsys):
    with progress("grading", 3) as step:
        for name in "abc":
            step(name)
    assert capsys.readouterr().err == "grading: 3 of 3\n"


def test_nothing_to_do_prints_nothing(capsys):
    with progress("grading", 0):
        pass
    assert capsys.readouterr().err == ""


def test_on_a_terminal_a_bar_is_drawn_without_a_thread(capsys, monkeypatch):
    import threading

    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    before = threading.active_count()
    with progress("grading", 2) as step:
        step("ada")
        assert threading.active_count() == before
        step("bob")
    assert "2/2" in capsys.readouterr().err
