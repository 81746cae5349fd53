"""Somebody else's CSV comes back with one cell changed and every other byte as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GradecheckError
from autograder.gradebook.verbatim import Table

texts = st.text(alphabet='ab,;"\r\n\t \ufeffé=', max_size=60)


@given(texts)
def test_nothing_changed_is_the_same_text(text):
    assert Table.read(text).text() == text


@given(
    st.lists(
        st.lists(st.text(alphabet='ab,"\n é', max_size=5), min_size=1, max_size=4), min_size=1, max_size=4
    )
)
def test_cells_are_those_that_the_csv_module_reads(rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    table = Table.read(text.getvalue())
    if table.delimiter == ",":
        assert [table.values(number) for number in range(len(table.rows))] == rows


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("value", ["7.5", 'say "hi"', "a,b", "two\nlines", ""])
def test_one_cell_changes(end, value):
    text = f'\ufeff"Student",ID,Score{end}"Lovelace, Ada", 7 ,{end}Bob,8,"1"{end}'
    table = Table.read(text)
    table.put(1, 2, value)
    assert table.values(1) == ["Lovelace, Ada", " 7 ", value]
    before, after = text.split(f" 7 ,{end}"), table.text().split(" 7 ,")
    assert after[0] == before[0]
    assert table.text().endswith(f'{end}Bob,8,"1"{end}')


def test_a_row_that_is_too_short_grows():
    table = Table.read("a,b,c\r\nx\r\ny")
    table.put(1, 2, "1")
    table.put(2, 1, "2")
    assert table.text() == "a,b,c\r\nx,,1\r\ny,2"


def test_a_semicolon_separates_where_there_are_more_of_them():
    table = Table.read("name;grade, of ten;by\nada;1,5;kim\n")
    assert table.values(1) == ["ada", "1,5", "kim"]


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert Table.read("\ufeffIdentifier,Grade\n").values(0) == ["Identifier", "Grade"]


def test_a_comment_may_be_longer_than_the_csv_module_allows():
    long = "x" * 200_000
    assert Table.read(f'Comment,Grade\n"{long}",1\n').values(1) == [long, "1"]


def test_an_empty_table_is_named():
    with pytest.raises(GradecheckError, match="the table is empty; download it again"):
        Table.read("").header()
