"""Reading a reward function tells what will not work, and lets honest code pass."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.rewards import examples
from openracer.rewards.problems import ProblemKind
from openracer.rewards.rules import FORBIDDEN_CALLS, FORBIDDEN_NAMES, LONGEST_SOURCE, check_source

GOOD_END = "\ndef reward_function(params):\n    return 1.0\n"


def found(source: str) -> list[tuple[ProblemKind, int | None]]:
    return [(problem.kind, problem.line) for problem in check_source(source)]


@pytest.mark.parametrize("name", examples.names())
def test_examples_pass(name: str) -> None:
    assert check_source(examples.source(name)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import math, random\nimport numpy as np\nimport scipy.interpolate\nfrom shapely.geometry import Point",
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None",
        "os = 1\nsys = os + 1",
        "class Lap:\n    def open(self):\n        return 1\nLap().open()",
        "if 'state' not in globals():\n    state = {}",
        "payload = loader = saved = 1",
        "class Base:\n    pass\nx = Base().__class__.__name__, Base().__dict__",
        "words = 'import os; open(file); eval(x); __import__'  # exec()",
    ],
)
def test_honest_code_passes(source: str) -> None:
    assert check_source(source + GOOD_END) == []


@pytest.mark.parametrize(
    "source",
    [
        "def reward_function(params):\n    return 1.0\n",
        "if True:\n    def reward_function(params):\n        return 1.0\n",
        "try:\n    pass\nexcept ValueError:\n    pass\nelse:\n    def reward_function(p):\n        return 1.0\n",
        "try:\n    x = 1 / 0\nexcept ValueError:\n    def reward_function(p):\n        return 1.0\n",
        "def reward_function(a, b):\n    return 1.0\ndef reward_function(params):\n    return 1.0\n",
        "class R:\n    def f(self, params):\n        return 1.0\nreward_function = R().f\n",
        "reward_function: object = lambda params: 1.0\n",
        "from math import sqrt as reward_function\n",
        "import math\n@math.some_decorator\ndef reward_function(a, b):\n    return 1.0\n",
    ],
)
def test_any_definition_in_the_module_itself_counts(source: str) -> None:
    assert check_source(source) == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("import os" + GOOD_END, 1),
        ("\nimport math, subprocess" + GOOD_END, 2),
        ("import numpy_financial" + GOOD_END, 1),
        ("from . import secrets" + GOOD_END, 1),
        ("from .math import sqrt" + GOOD_END, 1),
        ("from os.path import join" + GOOD_END, 1),
        ("def reward_function(params):\n    import math\n    return 1.0\n", 2),
        ("class A:\n    def f(self):\n        from numpy import array\n" + GOOD_END, 3),
    ],
)
def test_imports_that_are_not_allowed_are_named_with_their_line(source: str, line: int) -> None:
    assert found(source) == [(ProblemKind.IMPORT_ERROR, line)]


@pytest.mark.parametrize("name", sorted(FORBIDDEN_CALLS))
def test_forbidden_calls(name: str) -> None:
    assert found(f"x = 1\n{name}('x')" + GOOD_END) == [(ProblemKind.FORBIDDEN, 2)]


@pytest.mark.parametrize("name", sorted(FORBIDDEN_NAMES))
@pytest.mark.parametrize("use", ["x = {}", "np.{}('file')", "from numpy import {}", "x = np.\\\n{}"])
def test_forbidden_names_in_every_use(name: str, use: str) -> None:
    source = "import numpy as np\n" + use.format(name)
    assert found(source + GOOD_END) == [(ProblemKind.FORBIDDEN, source.count("\n") + 1)]


@pytest.mark.parametrize(
    "code",
    [
        "random._os.getcwd()",
        "np.ctypeslib.as_array",
        "().__class__.__bases__",
        "object.__subclasses__()",
        "reward_function.__globals__",
        "__builtins__",
        "breakpoint()",
        "from numpy import os",
        "import numpy.ctypeslib",
    ],
)
def test_back_doors_are_closed(code: str) -> None:
    assert found(code + GOOD_END) == [(ProblemKind.FORBIDDEN, 1)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("", None),
        ("def reward(params):\n    return 1.0\n", None),
        ("\ndef reward_function():\n    return 1.0\n", 2),
        ("def reward_function(params, speed=1):\n    return 1.0\n", 1),
        ("def reward_function(*params):\n    return 1.0\n", 1),
        ("def reward_function(params, **rest):\n    return 1.0\n", 1),
        ("def reward_function(*, params):\n    return 1.0\n", 1),
        ("async def reward_function(params):\n    return 1.0\n", 1),
        ("class A:\n    def reward_function(self, params):\n        return 1.0\n", 2),
    ],
)
def test_one_function_with_one_parameter_is_required(source: str, line: int | None) -> None:
    assert found(source) == [(ProblemKind.SIGNATURE, line)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def reward_function(params)\n    return 1.0\n", 1),
        ("def reward_function(params):\n    return (1.0\n", 2),
        ("def reward_function(params):\nreturn 1.0\n", 2),
        ("return 1.0\n", 1),
        ("x = " + "(" * 300 + "1" + ")" * 300, 1),
    ],
)
def test_what_is_no_python_is_told_with_its_line(source: str, line: int) -> None:
    assert found(source) == [(ProblemKind.SYNTAX_ERROR, line)]


def test_all_problems_are_listed_in_the_order_of_their_lines() -> None:
    source = "def reward_function(a, b):\n    import os\n    return eval('1')\nimport sys\n"
    assert found(source) == [
        (ProblemKind.SIGNATURE, 1),
        (ProblemKind.IMPORT_ERROR, 2),
        (ProblemKind.FORBIDDEN, 3),
        (ProblemKind.IMPORT_ERROR, 4),
    ]


def test_the_code_may_be_140000_characters_long_and_no_longer() -> None:
    longest = GOOD_END + "#" * (LONGEST_SOURCE - len(GOOD_END))
    assert LONGEST_SOURCE == 140_000
    assert found(longest) == []
    assert found(longest + "#") == [(ProblemKind.FORBIDDEN, None)]


@given(source=st.text() | st.text(alphabet="def (params):\n\treturn_x.1[]{}='\"\\\0\r\f"))
@settings(max_examples=200)
def test_no_text_whatever_upsets_the_reader(source: str) -> None:
    count = source.count("\n") + source.count("\r") + 2
    for problem in check_source(source):
        assert problem.message
        assert problem.line is None or 1 <= problem.line <= count
