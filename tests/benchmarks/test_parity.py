"""Two graders agree where the same checks pass; whatever they say about a failure does not matter."""

from benchmarks.parity import compare, grouped


def test_equal_verdicts_agree_whatever_the_reasons():
    found = compare(
        {"ada": {"q/a": "passed", "q/b": "failed"}}, {"ada": {"q/a": "passed", "q/b": "TypeError"}}
    )
    assert found["equal_notebooks"] == found["notebooks"] == 1
    assert found["verdicts"] == 2
    assert found["differences"] == []


def test_a_difference_names_notebook_check_and_both_reasons():
    found = compare({"ada": {"q/a": "banned"}, "bob": {"q/a": "passed"}}, {"ada": {"q/a": "passed"}})
    assert found["differences"] == [{"notebook": "ada", "check": "q/a", "ours": "banned", "theirs": "passed"}]
    assert (found["notebooks"], found["equal_notebooks"]) == (1, 0)


def test_a_check_that_one_side_never_ran_is_a_difference_only_if_it_passes():
    found = compare({"ada": {"q/a": "passed"}}, {"ada": {"q/b": "failed"}})
    assert [item["check"] for item in found["differences"]] == ["q/a"]
    assert found["differences"][0]["theirs"] == "not run"


def test_differences_with_one_reason_share_a_line():
    found = compare(
        {"ada": {"q/a": "platform: no", "q/b": "platform: no"}}, {"ada": {"q/a": "passed", "q/b": "passed"}}
    )
    assert grouped(found["differences"]) == [
        "ada: q/a, q/b: only theirs passes; the other side says: platform: no"
    ]
