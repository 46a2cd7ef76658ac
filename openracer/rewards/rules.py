"""What a reward function's code may contain, judged by reading it, without running it.

The rules on imports, calls and names are those of DeepRacer's own validation
(aws-solutions/deepracer-on-aws). They tell an honest author early what will not work; they are no wall
against a hostile one.
"""

import ast
from collections.abc import Iterator

from openracer.language import gettext as _
from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import compile_reward
from openracer.rewards.problems import Problem, ProblemKind

LONGEST_SOURCE = 140_000
"""Characters."""

ALLOWED_MODULES = ("math", "random", "numpy", "scipy", "shapely")

FORBIDDEN_CALLS = frozenset({"open", "exec", "eval", "compile", "input"})
"""Functions of Python itself; a method of such a name is the author's own matter."""

FORBIDDEN_NAMES = frozenset(
    {
        "__import__",
        "load",
        "fromfile",
        "genfromtxt",
        "loadtxt",
        "tofile",
        "save",
        "savez",
        "savetxt",
        "memmap",
    }
)
"""Refused as names, as attributes and as imported names: they read and write files."""

_BACK_DOORS = frozenset(
    {
        "__builtins__",
        "__subclasses__",
        "__globals__",
        "__bases__",
        "__base__",
        "__mro__",
        "__code__",
        "__loader__",
        "__spec__",
        "breakpoint",
        "savez_compressed",
        "ctypeslib",
    }
)
"""Names that we refuse beyond DeepRacer's: no reward function that drives a car has a use for them."""

_HIDDEN_MODULES = frozenset({"os", "_os", "sys", "_sys", "subprocess", "importlib", "builtins", "ctypes"})
"""Modules that allowed ones carry along, as in ``random._os``: refused except as names of variables."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_source(source: str) -> list[Problem]:
    """Everything that can be said against the code by reading it.

    Args:
        source: Python code.

    Returns:
        The problems in the order of their lines, those without a line first; none if the code may be run.
    """
    if len(source) > LONGEST_SOURCE:
        message = _("the code has {length} characters; at most {limit} are allowed")
        return [
            Problem(ProblemKind.FORBIDDEN, message.format(length=len(source), limit=LONGEST_SOURCE), None)
        ]
    try:
        compile_reward(source)
        tree = ast.parse(source)
    except RewardFunctionError as error:
        return [Problem(error.kind, error.reason, error.line)]
    except (RecursionError, MemoryError):
        return [Problem(ProblemKind.SYNTAX_ERROR, _("the code is nested too deeply"), None)]
    problems = {*_imports(tree), *_names(tree), *_signature(tree)}
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.message))


def _imports(tree: ast.Module) -> Iterator[Problem]:
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, Function | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        else:
            continue
        for module in modules:
            if module.split(".")[0] not in ALLOWED_MODULES:
                message = _("{module} cannot be imported; a reward function may import {allowed}")
                message = message.format(module=module, allowed=", ".join(ALLOWED_MODULES))
                yield Problem(ProblemKind.IMPORT_ERROR, message, node.lineno)
            elif id(node) in inside:
                message = _("{module} is imported inside a function; imports belong at the top of the file")
                yield Problem(ProblemKind.IMPORT_ERROR, message.format(module=module), node.lineno)


def _names(tree: ast.Module) -> Iterator[Problem]:
    everywhere = FORBIDDEN_NAMES | _BACK_DOORS
    beyond_variables = everywhere | _HIDDEN_MODULES
    called = _("{name}() is not allowed in a reward function")
    used = _("the name {name} is not allowed in a reward function")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield Problem(ProblemKind.FORBIDDEN, called.format(name=node.func.id), node.lineno)
        elif isinstance(node, ast.Name) and node.id in everywhere:
            yield Problem(ProblemKind.FORBIDDEN, used.format(name=node.id), node.lineno)
        elif isinstance(node, ast.Attribute) and node.attr in beyond_variables:
            yield Problem(ProblemKind.FORBIDDEN, used.format(name=node.attr), node.end_lineno)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            refused = everywhere if isinstance(node, ast.Import) else beyond_variables
            for part in {part for alias in node.names for part in alias.name.split(".")}:
                if part in refused:
                    yield Problem(ProblemKind.FORBIDDEN, used.format(name=part), node.lineno)


def _signature(tree: ast.Module) -> Iterator[Problem]:
    if definitions := [node for node in _top_level(tree.body) if _defines_reward(node)]:
        definition = definitions[-1]
        if isinstance(definition, ast.AsyncFunctionDef):
            message = _("reward_function must be an ordinary function, not an async one")
            yield Problem(ProblemKind.SIGNATURE, message, definition.lineno)
        elif isinstance(definition, ast.FunctionDef) and not definition.decorator_list:
            yield from _parameters(definition)
        return
    message = _("there is no reward_function(params); the file must define one")
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name == "reward_function":
            inside = _("reward_function is inside a class or function; it must stand at the left margin")
            yield Problem(ProblemKind.SIGNATURE, inside, node.lineno)
            return
    yield Problem(ProblemKind.SIGNATURE, message, None)


def _parameters(definition: ast.FunctionDef) -> Iterator[Problem]:
    arguments = definition.args
    by_position = len(arguments.posonlyargs) + len(arguments.args)
    others = [*arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]
    if by_position != 1 or others:
        message = _("reward_function must take exactly one parameter, params")
        yield Problem(ProblemKind.SIGNATURE, message, definition.lineno)


def _top_level(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run in the module itself, those within its ifs, loops and tries included."""
    for statement in statements:
        yield statement
        if not isinstance(statement, Function | ast.ClassDef):
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from _top_level([child])
                elif isinstance(child, ast.ExceptHandler):
                    yield from _top_level(child.body)


def _defines_reward(statement: ast.stmt) -> bool:
    """Whether a statement binds the name, be it by def, class, assignment or import."""
    if isinstance(statement, Function | ast.ClassDef):
        return statement.name == "reward_function"
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return any((alias.asname or alias.name) == "reward_function" for alias in statement.names)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == "reward_function" for target in targets)
