"""Puts an assignment together in memory: variants filled in, code cut, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.author.closure import question_code
from autograder.author.lock import lock_path, read_lock, read_lock_file
from autograder.author.render import check_markdown, render_file
from autograder.author.sealed import read_sealed
from autograder.author.seeds import load_secret, student_key
from autograder.author.variants import VariantSource, variant_source
from autograder.errors import GradecheckError, did_you_mean
from autograder.models import (
    Assignment,
    BuiltAssignment,
    BuiltQuestion,
    Course,
    Question,
    canonical_json,
    load_question,
    load_term,
    sha256_of,
)

__all__ = ["assemble", "removed_texts", "stale_lock"]

Variants = Mapping[str, Mapping[str, Any]]


def assemble(
    course: Course,
    assignment_id: str,
    term: str,
    student: str | None = None,
    *,
    variants: Variants | None = None,
) -> BuiltAssignment:
    """Build an assignment in memory.

    Parameters
    ----------
    course : Course
    assignment_id, term : str
    student : str, optional
        Id; used where variants are per student, else everybody has the term's variant.
    variants : mapping, optional
        Question -> values, to use instead of the frozen ones.

    Returns
    -------
    BuiltAssignment

    Raises
    ------
    GradecheckError
        Whatever is wrong with the assignment, with file and key.
    """
    sealed = read_sealed(course, assignment_id, term) if variants is None else None
    if sealed is not None:
        return sealed.build(course, student)
    try:
        return _assembled(course, assignment_id, term, student, variants)
    except GradecheckError as error:
        stale = stale_lock(course, assignment_id, term) if variants is None else ""
        if not stale:
            raise
        raise GradecheckError(f"{error}\n{stale}") from None


def stale_lock(course: Course, assignment_id: str, term: str) -> str:
    """Say which question's frozen variant no longer has the keys that its ``variant.py`` draws.

    Only asked when something has failed: a term that is over keeps its values, whatever the next one draws.

    Returns
    -------
    str
        What to do, or an empty string.
    """
    path = lock_path(course, assignment_id, term)
    if not path.is_file():
        return ""
    source = variant_source(course, assignment_id, load_secret(course, term))
    frozen = {question: drawn.term.values for question, drawn in read_lock_file(path).questions.items()}
    for question in source.assignment.questions:
        if question not in frozen:
            continue
        try:
            drawn = source.draw(question, frozen, "keys")
        except GradecheckError:
            return ""
        own = frozen[question]
        lacks = sorted(set(drawn) - set(own))
        keeps = sorted(set(own) - set(drawn))
        if lacks or keeps:
            differs = [f"lacks {', '.join(map(repr, lacks))}"] * bool(lacks)
            differs += [f"still has {', '.join(map(repr, keeps))}"] * bool(keeps)
            return (
                f"{path}: question {question!r} was frozen before its variant.py changed: it "
                f"{' and '.join(differs)}; draw it anew for everybody with 'autograder build {assignment_id} "
                f"--term {term} --reissue {question}', or restore variant.py"
            )
    return ""


def _assembled(
    course: Course, assignment_id: str, term: str, student: str | None, variants: Variants | None
) -> BuiltAssignment:
    source = variant_source(course, assignment_id, load_secret(course, term))
    assignment = source.assignment
    dropped = _dropped(course, assignment, term)
    owner = student if assignment.variants == "student" else None
    prints: dict[str, Mapping[str, str] | None] = {}
    if variants is None:
        values, prints = _frozen(course, source, term, owner)
    else:
        values = {question: dict(variants.get(question, {})) for question in assignment.questions}
    questions = _questions(assignment, values)
    _check_order(assignment, questions, dropped)
    used = [questions[name] for name in assignment.questions if name not in dropped]
    _check_names(assignment, used)
    built = []
    for question in used:
        files, found = source.files(question.id, values[question.id], owner)
        _check_files(question, found, prints.get(question.id))
        built.append(_built(question, assignment, used, values, files))
    _check_file_names(assignment, built)
    intro = assignment.folder / "intro.md.j2"
    context = {"assignment": assignment, "questions": used, "term": term, "variant": values}
    text = render_file(intro, context) if intro.is_file() else ""
    check_markdown(text, intro, above=2)
    key = sha256_of(canonical_json({item.question.id: _identity(item) for item in built}))
    attempts = load_term(course, term).assignments[assignment_id].attempts
    return BuiltAssignment(course, assignment, term, owner, text, tuple(built), key, attempts)


def _identity(item: BuiltQuestion) -> dict[str, Any]:
    return {
        "values": dict(item.variant),
        "files": {name: sha256_of(data) for name, data in item.files.items()},
    }


def _dropped(course: Course, assignment: Assignment, term: str) -> set[str]:
    entries = load_term(course, term).assignments
    path = course.assignments / "terms" / f"{term}.toml"
    if assignment.id not in entries:
        raise GradecheckError(
            f"{path}: [{assignment.id}] is missing; add the table, with its dates, to use it"
        )
    dropped = set(entries[assignment.id].drop)
    if dropped == set(assignment.questions):
        raise GradecheckError(f"{path}: [{assignment.id}] drop: no question is left")
    return dropped


def _frozen(
    course: Course, source: VariantSource, term: str, student: str | None
) -> tuple[dict[str, dict[str, Any]], dict[str, Mapping[str, str] | None]]:
    assignment = source.assignment
    lock = read_lock(course, assignment.id, term)
    values: dict[str, dict[str, Any]] = {}
    prints: dict[str, Mapping[str, str] | None] = {}
    for question in assignment.questions:
        frozen = lock.questions.get(question)
        if frozen is None:
            drawn = None
        elif student is None:
            drawn = frozen.term
        else:
            drawn = frozen.students.get(student_key(source.secret, student))
        if drawn is None:
            who = (
                f"student {student!r}"
                if student is not None and frozen is not None
                else f"question {question!r}"
            )
            raise GradecheckError(
                f"{who} has no frozen variant in {assignment.id!r}, term {term!r}; run 'autograder build "
                f"{assignment.id} --term {term}'" + (" with the roster that lists them" if student else "")
            )
        values[question] = dict(drawn.values)
        prints[question] = drawn.files
    return values, prints


def _questions(assignment: Assignment, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Question]:
    """Every question of the pool with its variant filled in; dropped ones too, for those that need them."""
    questions: dict[str, Question] = {}
    for name in assignment.questions:
        folder = assignment.folder / name
        needed = {earlier: values[earlier] for earlier in questions}
        context = {"variant": values[name], "needed": needed, "question": name}
        questions[name] = load_question(folder, render_file(folder / "question.toml", context))
    return questions


def _check_order(assignment: Assignment, questions: Mapping[str, Question], dropped: set[str]) -> None:
    order = list(assignment.questions)
    for name, question in questions.items():
        where = question.folder / "question.toml"
        for needed in question.needs:
            if needed not in questions:
                raise GradecheckError(
                    f"{where}: key 'needs': no question {needed!r}{did_you_mean(needed, questions)}"
                )
            if order.index(needed) >= order.index(name):
                raise GradecheckError(
                    f"{assignment.folder / 'assignment.toml'}: {name!r} needs {needed!r}; list {needed!r} "
                    "before it"
                )
            missing = [entry for entry in questions[needed].solution if entry not in question.given]
            if needed in dropped and name not in dropped and missing:
                raise GradecheckError(
                    f"{where}: needs {needed!r}, which the term drops; add {', '.join(map(repr, missing))} "
                    "to 'given', "
                    f"or drop {name!r} as well"
                )


def _check_names(assignment: Assignment, used: list[Question]) -> None:
    owner: dict[str, str] = {}
    for question in used:
        for name in question.names:
            if name in owner:
                raise GradecheckError(
                    f"{assignment.folder}: {owner[name]!r} and {question.id!r} both ask for {name!r}; an "
                    "answer is "
                    "found by its name, so one name belongs to one question"
                )
            owner[name] = question.id


def _built(
    question: Question,
    assignment: Assignment,
    used: list[Question],
    values: Mapping[str, Mapping[str, Any]],
    files: dict[str, bytes],
) -> BuiltQuestion:
    code = question_code(question, assignment.packages, _other_answers(question, used))
    path = question.folder / "prompt.md.j2"
    context = {
        "names": question.names,
        "needed": {name: values[name] for name in question.needs},
        "points": question.points,
        "question": question,
        "variant": values[question.id],
    }
    prompt = render_file(path, context)
    check_markdown(prompt, path, above=2)
    if not prompt.strip():
        raise GradecheckError(f"{path}: the prompt is empty; say what to write")
    return BuiltQuestion(question, values[question.id], prompt, code.given, code.stub, code.answer, files)


def removed_texts(built: BuiltAssignment) -> dict[str, tuple[str, ...]]:
    """What the handout of an assignment must not show: question -> the texts that were cut."""
    used = [item.question for item in built.questions]
    return {
        question.id: question_code(
            question, built.assignment.packages, _other_answers(question, used)
        ).removed
        for question in used
    }


def _other_answers(question: Question, used: list[Question]) -> dict[str, str]:
    """``module:name`` of what the other questions ask for -> their id."""
    return {
        f"{entry.split(':')[0]}:{entry.split(':')[1].split('.')[0]}": other.id
        for other in used
        if other.id != question.id
        for entry in other.solution
    }


def _check_files(question: Question, found: Mapping[str, str], frozen: Mapping[str, str] | None) -> None:
    if frozen is not None and dict(frozen) != dict(found):
        changed = sorted(name for name in {*frozen, *found} if frozen.get(name) != found.get(name))
        raise GradecheckError(
            f"{question.folder / 'variant.py'}: files() no longer makes what was frozen: "
            f"{', '.join(changed)}; restore "
            f"variant.py, or draw anew with --reissue {question.id}"
        )


def _check_file_names(assignment: Assignment, built: list[BuiltQuestion]) -> None:
    owner: dict[str, str] = {}
    for item in built:
        for name in item.files:
            if name in owner:
                raise GradecheckError(
                    f"{assignment.folder}: {owner[name]!r} and {item.question.id!r} both ship {name!r}; "
                    "rename one"
                )
            owner[name] = item.question.id
