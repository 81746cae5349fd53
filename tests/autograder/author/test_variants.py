"""What is drawn once stays; a second clone must never re-roll a class."""

from __future__ import annotations

import json
import stat

import numpy as np
import pytest

from autograder.author import assemble, check_seed, draw_variants, freeze, load_secret
from autograder.author.data import encode_table, fingerprint
from autograder.author.lock import lock_path
from autograder.author.seeds import student_key
from autograder.errors import GradecheckError

A, TERM = "a01_tiny", "2027-spring"


def values(lock, question="sums"):
    return lock.questions[question].term.values


# --- the secret -----------------------------------------------------------------------------------


def test_a_new_term_gets_a_secret_that_only_its_owner_can_read(tiny):
    freeze(tiny.course, A, TERM)
    path = tiny.root / ".secrets" / TERM
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().strip()) == 64


def test_a_clone_without_the_secret_stops_and_says_which_file_to_copy(tiny):
    freeze(tiny.course, A, TERM)
    (tiny.root / ".secrets" / TERM).unlink()
    with pytest.raises(GradecheckError, match=f"secret of term '{TERM}' is missing; copy this file"):
        freeze(tiny.course, A, TERM)
    assert not (tiny.root / ".secrets" / TERM).exists()


def test_another_secret_is_refused_and_nothing_is_drawn(tiny):
    freeze(tiny.course, A, TERM)
    before = lock_path(tiny.course, A, TERM).read_bytes()
    (tiny.root / ".secrets" / TERM).write_text("0" * 64)
    with pytest.raises(GradecheckError, match=f"is not the secret that .* copy .secrets/{TERM}"):
        freeze(tiny.course, A, TERM)
    assert lock_path(tiny.course, A, TERM).read_bytes() == before


def test_the_environment_can_hold_the_secret(tiny, monkeypatch):
    freeze(tiny.course, A, TERM)
    path = tiny.root / ".secrets" / TERM
    monkeypatch.setenv("AUTOGRADER_SECRET", path.read_text())
    expected = load_secret(tiny.course, TERM)
    path.unlink()
    assert load_secret(tiny.course, TERM) == expected


def test_the_demo_terms_secret_is_public(tiny, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SECRET", "something else")
    freeze(tiny.course, A, "demo")
    assert not (tiny.root / ".secrets").exists()
    assert values(freeze(tiny.course, A, "demo")) == draw_twice(tiny)


def draw_twice(tiny):
    lock_path(tiny.course, A, "demo").unlink()
    return values(freeze(tiny.course, A, "demo"))


def test_without_lock_and_secret_only_build_makes_one(tiny):
    with pytest.raises(GradecheckError, match="for a new term run 'autograder build' first"):
        load_secret(tiny.course, TERM)


# --- seeds ----------------------------------------------------------------------------------------


def test_seeds_differ_in_everything_that_they_are_for():
    secret = b"x" * 32
    seeds = {
        check_seed(secret, "a", "q", "public", {"k": 1}),
        check_seed(secret, "a", "q", "hidden", {"k": 1}),
        check_seed(secret, "a", "q", "public", {"k": 2}),
        check_seed(secret, "a", "r", "public", {"k": 1}),
        check_seed(secret, "b", "q", "public", {"k": 1}),
        check_seed(b"y" * 32, "a", "q", "public", {"k": 1}),
    }
    assert len(seeds) == 6
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_order_of_a_variants_keys_does_not_matter():
    assert check_seed(b"s", "a", "q", "public", {"a": 1, "b": 2}) == check_seed(
        b"s", "a", "q", "public", {"b": 2, "a": 1}
    )


# --- freezing -------------------------------------------------------------------------------------


def test_a_second_freeze_changes_nothing(tiny):
    freeze(tiny.course, A, TERM)
    before = lock_path(tiny.course, A, TERM).read_bytes()
    freeze(tiny.course, A, TERM)
    assert lock_path(tiny.course, A, TERM).read_bytes() == before


def test_a_frozen_variant_outlives_a_changed_draw(tiny):
    frozen = values(freeze(tiny.course, A, TERM))
    tiny.replace(f"{A}/sums/variant.py", "rng.integers(2, 1000)", "5000")
    assert values(freeze(tiny.course, A, TERM)) == frozen


def test_a_question_added_later_is_drawn_and_the_others_stay(tiny):
    tiny.replace(f"{A}/assignment.toml", ', "scaler"', "")
    frozen = values(freeze(tiny.course, A, TERM))
    tiny.replace(f"{A}/assignment.toml", '"sums"', '"sums", "scaler"')
    lock = freeze(tiny.course, A, TERM)
    assert values(lock) == frozen
    assert values(lock, "scaler") == {"twice": 2 * frozen["factor"]}


def test_a_reissue_draws_anew_keeps_the_old_and_takes_dependents_along(tiny):
    old = freeze(tiny.course, A, TERM)
    new = freeze(tiny.course, A, TERM, reissue=["sums"])
    assert new.questions["sums"].version == 2
    assert values(new) != values(old)
    assert values(new, "scaler") == {"twice": 2 * values(new)["factor"]}
    assert new.questions["sums"].previous[0]["term"]["values"] == values(old)


def test_a_reissue_of_an_unknown_question_is_refused(tiny):
    with pytest.raises(GradecheckError, match="--reissue nothing: 'a01_tiny' has no such question"):
        freeze(tiny.course, A, TERM, reissue=["nothing"])


def test_students_differ_and_the_lock_does_not_name_them(tiny):
    tiny.replace(f"{A}/assignment.toml", "questions", 'variants = "student"\nquestions')
    lock = freeze(tiny.course, A, TERM, students=["ada-l", "alan"])
    secret = load_secret(tiny.course, TERM)
    text = lock_path(tiny.course, A, TERM).read_text()
    assert "ada-l" not in text
    drawn = lock.questions["sums"].students
    assert set(drawn) == {student_key(secret, "ada-l"), student_key(secret, "alan")}
    ada, alan = (assemble(tiny.course, A, TERM, name) for name in ("ada-l", "alan"))
    assert ada.question("sums").variant != alan.question("sums").variant
    assert ada.variant_key != alan.variant_key
    again = freeze(tiny.course, A, TERM, students=["ada-l", "grace"])
    assert (
        again.questions["sums"].students[student_key(secret, "ada-l")] == drawn[student_key(secret, "ada-l")]
    )
    assert len(again.questions["sums"].students) == 3


def test_a_student_without_frozen_variant_is_named(tiny):
    tiny.replace(f"{A}/assignment.toml", "questions", 'variants = "student"\nquestions')
    freeze(tiny.course, A, TERM)
    with pytest.raises(GradecheckError, match="student 'ada-l' has no frozen variant"):
        assemble(tiny.course, A, TERM, "ada-l")


def test_draws_with_a_label_repeat_and_touch_no_lock(tiny):
    first = draw_variants(tiny.course, A, "demo", "one")
    assert draw_variants(tiny.course, A, "demo", "one") == first
    assert draw_variants(tiny.course, A, "demo", "two") != first
    assert first["scaler"]["twice"] == 2 * first["sums"]["factor"]
    assert not lock_path(tiny.course, A, "demo").exists()
    built = assemble(tiny.course, A, "demo", variants=first)
    assert built.question("sums").variant == first["sums"]


def test_a_damaged_lock_names_file_and_key(tiny):
    freeze(tiny.course, A, TERM)
    path = lock_path(tiny.course, A, TERM)
    content = json.loads(path.read_text())
    content["questions"]["sums"]["versoin"] = 3
    path.write_text(json.dumps(content))
    with pytest.raises(GradecheckError, match=r"a01_tiny.json: .*versoin"):
        freeze(tiny.course, A, TERM)
    path.write_text("{")
    with pytest.raises(GradecheckError, match="restore it from git"):
        freeze(tiny.course, A, TERM)


# --- variant.py -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("return 3", "returned int; a dict is needed"),
        ('return {"k": np.int64(3)}', "'k': np.int64\\(3\\) .*write int"),
        ('return {"k": (1, 2)}', "what JSON holds"),
        ('return {"k": float("nan")}', "what JSON holds"),
        ('return {"not a name": 1}', "keys are names"),
        ("return {}[0]", "raised KeyError"),
        ("return 1 / 0", "raised ZeroDivisionError"),
        ('return {"k": needed["scaler"]}', "raised KeyError: 'scaler'; .* come earlier"),
    ],
)
def test_a_draw_that_cannot_be_frozen_is_refused(tiny, line, message):
    tiny.write(f"{A}/sums/variant.py", f"import numpy as np\n\ndef draw(rng, needed):\n    {line}\n")
    with pytest.raises(GradecheckError, match=message):
        freeze(tiny.course, A, TERM)


def test_a_draw_reads_only_what_needs_lists(tiny):
    tiny.replace(f"{A}/scaler/question.toml", 'needs = ["sums"]', "")
    with pytest.raises(GradecheckError, match="reads needed\\['sums'\\]; add 'sums' to 'needs'"):
        freeze(tiny.course, A, TERM)


def test_a_variant_file_that_does_not_run_is_named(tiny):
    tiny.write(f"{A}/sums/variant.py", "def draw(rng needed):\n")
    with pytest.raises(GradecheckError, match=r"sums/variant.py: SyntaxError"):
        freeze(tiny.course, A, TERM)


def test_drawing_leaves_no_byte_code_beside_the_question(tiny):
    freeze(tiny.course, A, TERM)
    assert not list(tiny.root.rglob("__pycache__"))


# --- data files -----------------------------------------------------------------------------------


def test_a_changed_data_file_is_refused_until_it_is_reissued(tiny):
    freeze(tiny.course, A, TERM)
    before = assemble(tiny.course, A, TERM).question("sums").files
    assert before == assemble(tiny.course, A, TERM).question("sums").files
    tiny.replace(f"{A}/sums/variant.py", "size=3", "size=4")
    with pytest.raises(GradecheckError, match=r"no longer makes what was frozen: sums.csv.*--reissue sums"):
        assemble(tiny.course, A, TERM)


def test_a_table_reads_back_exactly(tmp_path):
    column = np.random.default_rng(5).normal(size=20)
    data = encode_table(tmp_path, "t.csv", {"x": column, "n": np.arange(20)})
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    read = np.genfromtxt(path, delimiter=",", names=True)
    np.testing.assert_array_equal(read["x"], column)


@pytest.mark.parametrize(
    ("name", "arrays", "message"),
    [
        ("../t.csv", {"x": [1]}, "use letters, digits"),
        ("t.pkl", {"x": [1]}, "and .csv or .npz"),
        ("t.csv", {"x": [1, 2], "y": [1]}, "columns of one length"),
        ("t.csv", {"x": [[1, 2]]}, "columns of one length"),
        ("t.npz", {"x": [None]}, "'x' has dtype object"),
    ],
)
def test_a_data_file_that_cannot_be_shipped_is_refused(tmp_path, name, arrays, message):
    with pytest.raises(GradecheckError, match=message):
        encode_table(tmp_path, name, arrays)


def test_a_fingerprint_sees_type_shape_and_name():
    arrays = [np.zeros(4), np.zeros((2, 2)), np.zeros(4, np.float32)]
    prints = {fingerprint({"x": array}) for array in arrays} | {fingerprint({"y": np.zeros(4)})}
    assert len(prints) == 4
