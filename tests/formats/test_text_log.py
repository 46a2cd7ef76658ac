"""Text logs: rows wherever they stand in a line, damaged ones counted, late ones put in order."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats import text_log
from openracer.formats.model_metadata import Action, ActionRanges
from openracer.formats.text_log import find_facts, read_text_log

ROW = "0,{step},1.2500,-0.5,90.0,10.00,1.50,{action},1.0000,False,True,{step},4,17.71,{time},in_progress,0.00"


def line(step: int, action: str = "3", mark: str = "SIM_TRACE_LOG:") -> str:
    return mark + ROW.format(step=step, action=action, time=round(20 + step / 15, 3))


def read(text: str) -> text_log.TextLog:
    return read_text_log(io.BytesIO(text.encode()))


def test_rows_are_found_behind_prefixes_and_in_the_middle_of_a_line() -> None:
    log = read(
        "\n".join(
            [
                "[download_params_and_roslaunch_agent_node-1] [agent-9] " + line(1),
                "x" * 2000 + line(2) + "\tsomething else",
                line(3) + "Sent SIGTERM to process",
                line(4) + line(5),
                "SIM_TRACE_LOG: is not always followed by a row",
            ]
        )
    )
    assert log.trace is not None
    assert log.trace["steps"].tolist() == [1, 2, 3, 4, 5]
    assert log.broken == 1


def test_windows_line_ends_are_no_matter() -> None:
    log = read("\r\n".join([line(1), line(2), ""]))
    assert log.trace is not None and log.broken == 0
    assert log.trace["pause_duration"].tolist() == [0.0, 0.0]


def test_continuous_actions_with_and_without_comma() -> None:
    log = read(
        "\n".join([line(1, "[-21.59045601   3.45621204]"), line(2, "[-5.0, 2.0]"), line(3, "[1. 2.]")])
    )
    assert log.trace is not None and log.broken == 0
    assert log.trace["action"].tolist() == ["[-21.59045601   3.45621204]", "[-5.0  2.0]", "[1. 2.]"]
    assert log.trace["reward"].tolist() == [1.0, 1.0, 1.0]


def test_late_rows_are_put_in_order_and_a_new_run_stays_behind() -> None:
    order = [1, 2, 4, 5, 3, 6]
    later = [text.replace(",20.", ",90.") for text in (line(1), line(2))]
    log = read("\n".join([line(step) for step in order] + later))
    assert log.trace is not None
    assert log.trace["steps"].tolist() == [1, 2, 3, 4, 5, 6, 1, 2]


def test_containers_are_workers() -> None:
    prefix = "deepracer-0_robomaker.{0}.abc@host    | "
    lines = [prefix.format(worker) + line(step) for step in (1, 2) for worker in (1, 2)]
    log = read("\n".join(lines))
    assert log.trace is not None
    assert log.trace["worker"].tolist() == [0, 0, 1, 1]
    assert log.trace["steps"].tolist() == [1, 2, 1, 2]


def test_a_log_larger_than_a_piece_is_read_whole(monkeypatch) -> None:
    monkeypatch.setattr(text_log, "_PIECE", 100)
    log = read("\n".join(line(step) for step in range(1, 50)))
    assert log.trace is not None
    assert log.trace["steps"].tolist() == list(range(1, 50))


@given(st.data())
def test_damage_costs_only_the_damaged_rows(data: st.DataObject) -> None:
    """Cut, glue or overwrite some rows: never an error, and every untouched row is still there, unchanged."""
    count = data.draw(st.integers(1, 40))
    damaged = data.draw(st.sets(st.integers(1, count)))
    lines = []
    for step in range(1, count + 1):
        text = line(step)
        if step in damaged:
            cut = data.draw(st.integers(0, len(text)))
            junk = data.draw(st.binary(max_size=12)).decode("latin1").replace("\n", "").replace("\r", "")
            text = text[:cut] + junk
        lines.append(text)
    log = read_text_log(io.BytesIO("\n".join(lines).encode("latin1")))
    found = set() if log.trace is None else {int(step) for step in log.trace["steps"]}
    # With half of the rows cut to another length the log's format cannot be told.
    if len(damaged) < count / 2:
        assert set(range(1, count + 1)) - damaged <= found
    if log.trace is not None:
        untouched = ~np.isin(log.trace["steps"], list(damaged))
        assert set(log.trace["X"][untouched]) <= {1.25}
        assert len({len(column) for column in log.trace.values()}) == 1


def test_facts_of_every_era() -> None:
    console = find_facts(
        b" * /JOB_TYPE: EVALUATION\n * /WORLD_NAME: reinvent_base\n"
        b"Sensor list [u'FRONT_FACING_CAMERA'], network X, simapp_version 4.0, training_algorithm clipped_ppo\n"
        b"Action space from file: [{'steering_angle': -30.0, 'speed': 1.0, 'index': 0}]\n"
    )
    assert (console.simulator_version, console.vehicle) == (4.0, "v4")
    assert (console.world_name, console.job_type) == ("reinvent_base", "EVALUATION")
    assert console.action_space == (Action(-30.0, 1.0),)
    cloud = find_facts(
        b"{'WORLD_NAME': ['2022_june_pro'], 'RACE_TYPE': 'TIME_TRIAL'} simapp_version 5.0, training_algorithm sac "
        b"Loaded action space from file: {'steering_angle': {'high': 27.0, 'low': -28.0}, "
        b"'speed': {'high': 4.0, 'low': 1.0}}\n"
    )
    assert (cloud.world_name, cloud.race_type, cloud.training_algorithm) == (
        "2022_june_pro",
        "TIME_TRIAL",
        "sac",
    )


def test_continuous_ranges_are_read() -> None:
    facts = find_facts(
        b"Action space from file: {'steering_angle': {'high': 27.0, 'low': -28.0}, "
        b"'speed': {'high': 4.0, 'low': 1.0}}\n"
    )
    assert facts.action_space == ActionRanges(-28.0, 27.0, 1.0, 4.0)


def test_what_a_log_says_is_never_executed() -> None:
    assert find_facts(b"Action space from file: [__import__('os').getcwd()]\n").action_space is None
    assert find_facts(b"Action space from file: " + b"[" * 5000 + b"\n").action_space is None
