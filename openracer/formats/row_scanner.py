"""Compiled scanning of trace rows: where rows and values lie in a text, and the values of plain numbers.

A log has millions of numbers; finding and reading them one by one in Python takes most of the time of loading it.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

NUMBER, BOOLEAN, TEXT = 0, 1, 2
"""Kinds of columns."""

LONGEST_TEXT = 200
"""A text value with more characters is damage."""

_MOST_DIGITS = 15
"""Integers of so many decimal digits, and powers of ten up to 10^22, are exact in float64, so their quotient is rounded
once, correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990)."""
_LONGEST = 18
"""So many digits fit into 64 bits; the quotient of more than 15 is rounded in twice the precision."""
_NEAR_TIE = 1e-6
"""Share of half a unit in the last place; a quotient so near to the middle of two numbers is left to Python."""
_SPLIT = 134217729.0
"""2^27 + 1 cuts a float64 into two halves (Dekker, "A floating-point technique for extending the available
precision", 1971)."""
_POWERS = 10.0 ** np.arange(23)

_NEWLINE, _RETURN, _TAB, _COMMA, _OPEN, _CLOSE, _MINUS, _DOT, _ZERO, _NINE, _S = map(ord, "\n\r\t,[]-.09S")
_QUOTE, _BACKSLASH, _SPACE = map(ord, '"\\ ')
_MARK = np.frombuffer(b"SIM_TRACE_LOG:", np.uint8)
_TRUE = np.frombuffer(b"True", np.uint8)
_FALSE = np.frombuffer(b"False", np.uint8)


@njit(nogil=True, cache=True)
def extract_rows(text: Bytes, rows: Bytes) -> int:
    """Copy what follows the marks of trace rows, each as a line, wherever in a line the marks stand.

    No value contains a capital S: a second mark or a "Sent SIGTERM" in the same line ends the row. So do a quotation
    mark and a backslash, because logs may be packed as JSON or CSV (Docker's json-file driver, exports of CloudWatch).

    Args:
        text: (B,) characters of a log.
        rows: (B,) out, lines.

    Returns:
        Characters of the lines together.
    """
    at = length = 0
    while at + len(_MARK) <= len(text):
        if text[at] != _S or not _is(text, at, at + len(_MARK), _MARK):
            at += 1
            continue
        at += len(_MARK)
        while at < len(text):
            letter = text[at]
            if letter in (_S, _NEWLINE, _TAB, _RETURN, _QUOTE, _BACKSLASH):
                break
            rows[length] = letter
            length += 1
            at += 1
        rows[length] = _NEWLINE
        length += 1
    return length


@njit(nogil=True, cache=True)
def find_lines(
    text: Bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], counts: NDArray[np.int64]
) -> int:
    """Lines of a text and the number of comma-separated values in each; commas within brackets separate nothing.

    Args:
        text: (B,) characters.
        starts: (L,) out, first character of each line; L is enough for all lines.
        ends: (L,) out, behind the last.
        counts: (L,) out, values.

    Returns:
        How many lines there are.
    """
    line = start = 0
    while start < len(text):
        count, within = 1, False
        end = start
        while end < len(text) and text[end] != _NEWLINE:
            letter = text[end]
            if letter == _COMMA and not within:
                count += 1
            elif letter == _OPEN:
                within = True
            elif letter == _CLOSE:
                within = False
            end += 1
        starts[line], ends[line], counts[line] = start, end, count
        line += 1
        start = end + 1
    return line


@njit(nogil=True, cache=True)
def read_rows(
    text: Bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    kinds: NDArray[np.int64],
    numbers: NDArray[np.float64],
    spans: NDArray[np.int64],
    odd: NDArray[np.bool_],
) -> None:
    """Read the values of rows that all have as many values as there are columns.

    Args:
        text: (B,) characters.
        starts: (K,) first character of each row.
        ends: (K,) behind its last.
        kinds: (C,) kind of each column.
        numbers: (C, K) out, numbers; 0 or 1 for booleans.
        spans: (C, K, 2) out, first character and the one behind the last of each text and each number not plain.
        odd: (C, K) out, values that are not plain: numbers for Python to read, and booleans and texts that are damage.
    """
    for row in range(len(starts)):
        at = starts[row]
        for column in range(len(kinds)):
            while at < ends[row] and text[at] == _SPACE:
                at += 1
            first, within, is_plain = at, False, False
            if kinds[column] == NUMBER:
                numbers[column, row], is_plain, at = _plain_number(text, first, ends[row])
                odd[column, row] = not is_plain
            while at < ends[row] and (within or text[at] != _COMMA):
                if text[at] == _OPEN:
                    within = True
                elif text[at] == _CLOSE:
                    within = False
                at += 1
            if kinds[column] != BOOLEAN and not is_plain:  # memory that is not written to is not taken
                spans[column, row, 0], spans[column, row, 1] = first, at
            if kinds[column] == BOOLEAN:
                # "True" and "False" differ in length.
                is_true = at - first == 4
                odd[column, row] = not _is(text, first, at, _TRUE if is_true else _FALSE)
                numbers[column, row] = is_true
            elif kinds[column] == TEXT:
                odd[column, row] = at - first > LONGEST_TEXT
            at += 1


@njit(nogil=True, cache=True)
def _is(text: Bytes, first: int, last: int, word: Bytes) -> bool:
    if last - first != len(word):
        return False
    for k in range(len(word)):  # noqa: SIM110 (Numba has no all())
        if text[first + k] != word[k]:
            return False
    return True


@njit(nogil=True, cache=True)
def _plain_number(text: Bytes, first: int, last: int) -> tuple[float, bool, int]:
    """A number of few digits without exponent, whether it is one, and where it ends; where it is none, its start."""
    at = first
    negative = at < last and text[at] == _MINUS
    if negative:
        at += 1
    digits = decimals = 0
    value = np.int64(0)
    point = False
    while at < last and text[at] != _COMMA:
        letter = text[at]
        if _ZERO <= letter <= _NINE:
            value = value * 10 + (letter - _ZERO)
            digits += 1
            decimals += point
        elif letter == _DOT and not point:
            point = True
        else:
            return 0.0, False, first
        at += 1
        if digits > _LONGEST:
            return 0.0, False, first
    if digits == 0:
        return 0.0, False, first
    if digits <= _MOST_DIGITS:
        number, unsure = value / _POWERS[decimals], False
    else:
        number, unsure = _long_quotient(value, _POWERS[decimals])
    return (-number if negative else number), not unsure, at


@njit(nogil=True, cache=True)
def _long_quotient(value: int, power: float) -> tuple[float, bool]:
    """An integer beyond 53 bits over a power of ten, rounded once, and whether that is too near a tie to be sure."""
    high = float(value)
    low = float(value - np.int64(high))
    first = high / power
    product, error = _exact_product(first, power)
    rest = ((high - product) - error + low) / power
    number = first + rest
    remainder = rest - (number - first)
    half = 0.5 * np.spacing(number)
    # Below a power of two numbers lie twice as close.
    unsure = min(abs(abs(remainder) - half), abs(abs(remainder) - 0.5 * half)) < _NEAR_TIE * half
    return number, unsure


@njit(nogil=True, cache=True)
def _exact_product(a: float, b: float) -> tuple[float, float]:
    """A product as float64 and what that lacks (Dekker 1971)."""
    product = a * b
    c = _SPLIT * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = _SPLIT * b
    b_high = c - (c - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit(nogil=True, cache=True)
def gather(text: Bytes, spans: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """Copy values into the rows of a table.

    Args:
        text: (B,) characters.
        spans: (K, 2) first character and the one behind the last.
        out: (K, W) zeros, out; a longer value is cut off.
    """
    for row in range(len(spans)):
        for k in range(min(spans[row, 1] - spans[row, 0], out.shape[1])):
            out[row, k] = text[spans[row, 0] + k]


@njit(nogil=True, cache=True)
def number_words(
    text: Bytes, spans: NDArray[np.int64], words: NDArray[np.int64], codes: NDArray[np.int64]
) -> int:
    """Give every different value a number.

    Args:
        text: (B,) characters.
        spans: (K, 2) first character and the one behind the last.
        words: (W, 2) out, span of each different value.
        codes: (K,) out, which of them each is; -1 for those that came when all W were taken.

    Returns:
        How many there are.
    """
    count = 0
    for row in range(len(spans)):
        first, last = spans[row, 0], spans[row, 1]
        codes[row] = -1
        for k in range(count):
            if _is(text, first, last, text[words[k, 0] : words[k, 1]]):
                codes[row] = k
                break
        if codes[row] < 0 and count < len(words):
            words[count, 0], words[count, 1] = first, last
            codes[row] = count
            count += 1
    return count
