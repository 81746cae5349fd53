"""Runs right answers, mistakes, stubs and the solution through the real grader."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from autograder.author import assemble, certificate_key, freeze, notebook
from autograder.author.lock import lock_path
from autograder.certify.answers import CandidateAnswer, opened_stub, read_answers, unused_keys
from autograder.certify.certificate import Certificate, Trial
from autograder.certify.draws import frozen_variants, further_variants, named_variants, untried
from autograder.certify.trials import Task, is_asked, run_tasks, solution_of, with_answer
from autograder.files import write_atomically
from autograder.grade import Session
from autograder.models import BuiltAssignment, BuiltQuestion, Course, canonical_json
from autograder.testing.lint import lint_suite

__all__ = ["certify", "certify_assignment"]


def certify(
    course: Course, assignments: Sequence[str], term: str, *, jobs: int = 2, out: Path | None = None
) -> list[Certificate]:
    """Prove the suites of some assignments and write their certificates.

    Parameters
    ----------
    course : Course
    assignments : sequence of str
    term : str
    jobs : int
        Answers that run at a time.
    out : Path, optional
        Folder of builds; default ``build`` of the course.

    Returns
    -------
    list of Certificate
        `Certificate.ok` tells whether anything escaped; only then is there no ``certificate.json``.
    """
    certificates = []
    for assignment in assignments:
        certificate = certify_assignment(course, assignment, term, jobs=jobs)
        path = (out or course.root / "build") / term / assignment / "certificate.json"
        if certificate.ok:
            write_atomically(path, certificate.to_json())
        else:
            # A certificate of before must not speak for a suite that has just failed.
            path.unlink(missing_ok=True)
        certificates.append(certificate)
    return certificates


def certify_assignment(
    course: Course, assignment: str, term: str, *, jobs: int = 2, questions: Collection[str] | None = None
) -> Certificate:
    """Prove one assignment, or some of its questions, without writing anything but the frozen variants.

    Parameters
    ----------
    course : Course
    assignment, term : str
    jobs : int
        Trials at a time.
    questions : collection of str, optional
        Only these; default all.

    Returns
    -------
    Certificate
    """
    path = lock_path(course, assignment, term)
    if not path.is_file():
        print(f"{path}: there were no frozen variants yet; they are drawn and frozen now")
    freeze(course, assignment, term)
    lint = _lint(course, assignment, term, questions)
    if lint:
        # A suite that reads wrongly may not even start, and proves nothing when it does.
        return Certificate(assignment, term, "", {}, (), (), lint, {})
    frozen = frozen_variants(course, assignment, term)
    filters = named_variants(course, assignment, term)
    variants = frozen | further_variants(course, assignment, term, filters)
    with Session(
        course,
        assignment,
        term,
        jobs=jobs,
        variants=variants,
        only=questions,
        confirm_timeouts=False,
        measure=True,
    ) as session:
        done = run_tasks(session, list(_tasks(course, session.extra, set(frozen), questions)))
        names = [item.question.id for item in session.built.questions if is_asked(item, questions)]
    return Certificate(
        assignment=assignment,
        term=term,
        key=certificate_key(course, assignment, term),
        variants={
            name: {q: dict(v) for q, v in values.items() if q in names} for name, values in variants.items()
        },
        trials=tuple(done),
        untried=tuple(untried(filters, variants, names)),
        lint={},
        provenance=session.provenance_of(session.built),
    )


def _lint(
    course: Course, assignment: str, term: str, questions: Collection[str] | None
) -> dict[str, tuple[str, ...]]:
    """What the texts of the questions alone show to be wrong."""
    built = assemble(course, assignment, term)
    found = {
        item.question.id: (*lint_suite(item.question.folder, item), *unused_keys(course, built, item))
        for item in built.questions
        if item.question.kind == "code" and is_asked(item, questions)
    }
    return {question: lines for question, lines in found.items() if lines}


# --- what is tried --------------------------------------------------------------------------------


def _tasks(
    course: Course,
    builds: Mapping[str, BuiltAssignment],
    frozen: Collection[str],
    questions: Collection[str] | None,
) -> Iterator[Task]:
    """One submission per answer, question and variant; none where the question sees the same values again."""
    known: set[str] = set()
    for name, built in builds.items():
        whole = notebook(built, "solution")
        for item in built.questions:
            if item.question.kind == "manual" or not is_asked(item, questions):
                continue
            values = {other.question.id: dict(other.variant) for other in built.questions}
            seen = canonical_json(
                [item.question.id, {q: values[q] for q in (item.question.id, *item.question.needs)}]
            )
            if seen in known and name not in frozen:
                continue
            known.add(seen)
            for answer in (*_always(item), *read_answers(course, built, item)):
                if answer.applies:
                    yield Task(Trial(answer, name), with_answer(whole, item.question.id, answer.source))


def _always(item: BuiltQuestion) -> tuple[CandidateAnswer, ...]:
    question = item.question.id
    return (
        solution_of(item),
        CandidateAnswer(question, "wrong", "(stub)", "nothing written", item.stub, max_share=0.0),
        CandidateAnswer(
            question,
            "wrong",
            "(opened stub)",
            "checks of an unwritten answer",
            opened_stub(item.stub),
            max_share=0.0,
        ),
    )
