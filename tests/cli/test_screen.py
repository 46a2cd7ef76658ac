"""How wide the command line prints, and Korean at the ends of lines."""

import io

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from openracer.cli import screen

KOREAN = "모든 설정을 담을 수 있는 YAML 파일. 명령줄 옵션이 우선합니다. 나를 위한 메모."


@pytest.mark.parametrize("width", range(12, 60))
def test_no_letter_of_korean_is_lost_where_a_line_breaks(width, monkeypatch):
    monkeypatch.setattr(Text, "rstrip_end", Text.rstrip_end)  # undone after the test
    screen.measure_line_ends_in_cells()
    table = Table(box=None, show_header=False, padding=0)
    table.add_column()
    table.add_row(KOREAN)
    page = io.StringIO()
    Console(file=page, width=width).print(table)
    assert page.getvalue().split() == KOREAN.split()


def test_tables_are_as_wide_as_the_terminal_and_unlimited_without_one(monkeypatch):
    monkeypatch.setenv("COLUMNS", "77")
    assert screen.table_console().width == 77
    monkeypatch.delenv("COLUMNS")
    assert screen.table_console().width > 1000
