"""Plans of the next second: commands that bring a car along a line, improved by what the vehicle model says of them.

An iterative linear-quadratic regulator with bounded commands (Tassa, Mansard and Todorov, "Control-Limited Differential
Dynamic Programming", 2014, with Gauss-Newton second derivatives). The steering servo's lag, understeer and sliding need
no treatment of their own: they are in the model.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.simulator import CONTROL_TICKS
from openracer.simulation.vehicle import TICK, VehiclePreset, VehicleState, advance

Array = NDArray[np.float64]

FRESH_STEERINGS, FRESH_SPEEDS = 7, 4
"""Plans of constant commands that are tried beside the last one, in case it has become a bad one."""

_X, _Y = VehicleState._fields.index("x"), VehicleState._fields.index("y")
_COMMAND = VehicleState._fields.index("steering_command")


class Weights(NamedTuple):
    """What a plan minimises, as the error that counts as one."""

    across_m: float = 0.04
    along_m: float = 0.1
    steering_change_rad: float = 0.3
    speed_change_mps: float = 10.0
    patience_m: float = 0.3
    """Lagging behind the line's schedule by more than this counts only linearly."""


class Plan(NamedTuple):
    """Working memory of a plan over H steps for vehicles of F state quantities."""

    cars: Array
    """(F, 1) the quantities of one car, the memory behind ``state``."""
    state: VehicleState
    commands: Array
    """(H, 2) steering (rad) and speed (m/s)."""
    path: Array
    """(H + 1, F)"""
    by_state: Array
    """(H, F, F)"""
    by_command: Array
    """(H, F, 2)"""
    change: Array
    """(H, 2)"""
    gain: Array
    """(H, 2, F)"""


@njit(nogil=True, cache=True, error_model="numpy")
def move(plan: Plan, before: Array, command: Array, preset: VehiclePreset, after: Array) -> None:
    """One control step of one car: ``before`` (F,) to ``after`` (F,)."""
    for f in range(len(before)):
        plan.cars[f, 0] = before[f]
    advance(0, plan.state, command[0], command[1], preset, CONTROL_TICKS, TICK)
    for f in range(len(before)):
        after[f] = plan.cars[f, 0]


@njit(nogil=True, cache=True, error_model="numpy")
def cost_of(path: Array, commands: Array, target: Array, weights: Weights) -> float:
    """Cost of a plan: path (H + 1, F), commands (H, 2), target (H, 4) as x, y and the unit vector along the line."""
    total = 0.0
    speed = commands[0, 1]
    for k in range(len(commands)):
        dx, dy = path[k + 1, _X] - target[k, 0], path[k + 1, _Y] - target[k, 1]
        along = dx * target[k, 2] + dy * target[k, 3]
        across = -dx * target[k, 3] + dy * target[k, 2]
        patience = weights.patience_m
        lag = patience * patience * (math.sqrt(1.0 + (along / patience) ** 2) - 1.0)
        total += 0.5 * (across / weights.across_m) ** 2 + lag / weights.along_m**2
        turn = (commands[k, 0] - path[k, _COMMAND]) / weights.steering_change_rad
        change = (commands[k, 1] - speed) / weights.speed_change_mps
        speed = commands[k, 1]
        total += 0.5 * (turn * turn + change * change)
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def linearise(plan: Plan, preset: VehiclePreset) -> None:
    """Derivatives of every planned step by the state before it and by its command, by finite differences."""
    fields = plan.path.shape[1]
    shifted, low, high = np.empty(fields), np.empty(fields), np.empty(fields)
    command = np.empty(2)
    width = 1e-4
    for k in range(len(plan.commands)):
        for f in range(fields):
            shifted[:] = plan.path[k]
            shifted[f] += width
            move(plan, shifted, plan.commands[k], preset, high)
            shifted[f] -= 2.0 * width
            move(plan, shifted, plan.commands[k], preset, low)
            plan.by_state[k, :, f] = (high - low) / (2.0 * width)
        for c in range(2):
            command[:] = plan.commands[k]
            command[c] += width
            move(plan, plan.path[k], command, preset, high)
            command[c] -= 2.0 * width
            move(plan, plan.path[k], command, preset, low)
            plan.by_command[k, :, c] = (high - low) / (2.0 * width)


@njit(nogil=True, cache=True, error_model="numpy")
def bounded_minimum(hessian: Array, slope: Array, low: Array, high: Array, free: NDArray[np.bool_]) -> Array:
    """Minimum of a convex quadratic of two numbers within bounds, and which of the two are not at theirs."""
    best = np.zeros(2)
    least = np.inf
    a, b, c = hessian[0, 0], hessian[0, 1], hessian[1, 1]
    determinant = a * c - b * b
    point = np.empty(2)
    for choice in range(5):
        open0 = open1 = False
        if choice == 0:
            point[0] = (-c * slope[0] + b * slope[1]) / determinant
            point[1] = (b * slope[0] - a * slope[1]) / determinant
            if not (low[0] <= point[0] <= high[0] and low[1] <= point[1] <= high[1]):
                continue
            free[0] = free[1] = True
            return point
        if choice < 3:
            point[0] = low[0] if choice == 1 else high[0]
            wanted = -(slope[1] + b * point[0]) / c
            point[1] = min(max(wanted, low[1]), high[1])
            open1 = point[1] == wanted
        else:
            point[1] = low[1] if choice == 3 else high[1]
            wanted = -(slope[0] + b * point[1]) / a
            point[0] = min(max(wanted, low[0]), high[0])
            open0 = point[0] == wanted
        value = slope[0] * point[0] + slope[1] * point[1]
        value += 0.5 * (a * point[0] ** 2 + c * point[1] ** 2) + b * point[0] * point[1]
        if value < least:
            least = value
            best[:] = point
            free[0], free[1] = open0, open1
    return best


@njit(nogil=True, cache=True, error_model="numpy")
def sweep_back(plan: Plan, target: Array, weights: Weights, bounds: Array, damping: float) -> None:
    """Find the change of every command, and its feedback gain, from the last step to the first."""
    fields = plan.path.shape[1]
    value_slope = np.zeros(fields)
    value_curve = np.zeros((fields, fields))
    free = np.zeros(2, np.bool_)
    count = len(plan.commands)
    for k in range(count - 1, -1, -1):
        tx, ty = target[k, 2], target[k, 3]
        dx, dy = plan.path[k + 1, _X] - target[k, 0], plan.path[k + 1, _Y] - target[k, 1]
        along, across = dx * tx + dy * ty, -dx * ty + dy * tx
        # The lag's cost is a pseudo-Huber loss; its weight is that of the quadratic with the same slope.
        w_along = 1.0 / (weights.along_m**2 * math.sqrt(1.0 + (along / weights.patience_m) ** 2))
        w_across = 1.0 / weights.across_m**2
        value_slope[_X] += w_along * along * tx - w_across * across * ty
        value_slope[_Y] += w_along * along * ty + w_across * across * tx
        value_curve[_X, _X] += w_along * tx * tx + w_across * ty * ty
        value_curve[_Y, _Y] += w_along * ty * ty + w_across * tx * tx
        cross = (w_along - w_across) * tx * ty
        value_curve[_X, _Y] += cross
        value_curve[_Y, _X] += cross

        fx, fu = plan.by_state[k], plan.by_command[k]
        curve_fu = value_curve @ fu
        slope_u = fu.T @ value_slope
        hessian = fu.T @ curve_fu
        mixed = curve_fu.T @ fx
        slope_x = fx.T @ value_slope
        curve_x = fx.T @ (value_curve @ fx)
        w_turn = 1.0 / weights.steering_change_rad**2
        turn = plan.commands[k, 0] - plan.path[k, _COMMAND]
        slope_u[0] += w_turn * turn
        hessian[0, 0] += w_turn
        slope_x[_COMMAND] -= w_turn * turn
        curve_x[_COMMAND, _COMMAND] += w_turn
        mixed[0, _COMMAND] -= w_turn
        w_change = 1.0 / weights.speed_change_mps**2
        here = plan.commands[k, 1]
        if k > 0:
            slope_u[1] += w_change * (here - plan.commands[k - 1, 1])
            hessian[1, 1] += w_change
        if k + 1 < count:
            slope_u[1] += w_change * (here - plan.commands[k + 1, 1])
            hessian[1, 1] += w_change
        hessian[0, 0] += damping
        hessian[1, 1] += 0.01 * damping
        change = bounded_minimum(
            hessian, slope_u, bounds[0] - plan.commands[k], bounds[1] - plan.commands[k], free
        )
        gain = np.zeros((2, fields))
        if free[0] and free[1]:
            determinant = hessian[0, 0] * hessian[1, 1] - hessian[0, 1] ** 2
            gain[0] = (-hessian[1, 1] * mixed[0] + hessian[0, 1] * mixed[1]) / determinant
            gain[1] = (hessian[0, 1] * mixed[0] - hessian[0, 0] * mixed[1]) / determinant
        elif free[0]:
            gain[0] = -mixed[0] / hessian[0, 0]
        elif free[1]:
            gain[1] = -mixed[1] / hessian[1, 1]
        plan.change[k] = change
        plan.gain[k] = gain
        value_slope = slope_x + gain.T @ (hessian @ change + slope_u) + mixed.T @ change
        value_curve = curve_x + gain.T @ hessian @ gain + gain.T @ mixed + mixed.T @ gain
        value_curve = 0.5 * (value_curve + value_curve.T)


@njit(nogil=True, cache=True, error_model="numpy")
def start_afresh(
    plan: Plan, target: Array, preset: VehiclePreset, weights: Weights, bounds: Array, cost: float
) -> float:
    """Replace a plan by one of constant commands if that costs less; returns the cost."""
    path, commands = np.empty_like(plan.path), np.empty_like(plan.commands)
    path[0] = plan.path[0]
    for choice in range(FRESH_STEERINGS * FRESH_SPEEDS):
        for c in range(2):
            share = (
                choice // FRESH_SPEEDS / (FRESH_STEERINGS - 1)
                if c == 0
                else choice % FRESH_SPEEDS / (FRESH_SPEEDS - 1)
            )
            commands[:, c] = bounds[0, c] + share * (bounds[1, c] - bounds[0, c])
        for k in range(len(commands)):
            move(plan, path[k], commands[k], preset, path[k + 1])
        trial = cost_of(path, commands, target, weights)
        if trial < cost:
            cost = trial
            plan.path[:], plan.commands[:] = path, commands
    return cost


@njit(nogil=True, cache=True, error_model="numpy")
def improve(
    plan: Plan, target: Array, preset: VehiclePreset, weights: Weights, bounds: Array, sweeps: int
) -> float:
    """Improve a plan in place.

    Args:
        plan: its first state and its commands are given.
        target: (H, 4) where the car should be after each step, m, and the line's unit vector there.
        preset: the vehicle.
        weights: of the cost.
        bounds: (2, 2) lowest and highest steering (rad) and speed (m/s).
        sweeps: linearisations.

    Returns:
        Its cost.
    """
    count, fields = len(plan.commands), plan.path.shape[1]
    for k in range(count):
        move(plan, plan.path[k], plan.commands[k], preset, plan.path[k + 1])
    cost = cost_of(plan.path, plan.commands, target, weights)
    path, commands = np.empty_like(plan.path), np.empty_like(plan.commands)
    cost = start_afresh(plan, target, preset, weights, bounds, cost)
    damping = 1e-2
    for _ in range(sweeps):
        linearise(plan, preset)
        better = False
        for _ in range(4):
            sweep_back(plan, target, weights, bounds, damping)
            step = 1.0
            for _ in range(4):
                path[0] = plan.path[0]
                for k in range(count):
                    for c in range(2):
                        wanted = plan.commands[k, c] + step * plan.change[k, c]
                        for f in range(fields):
                            wanted += plan.gain[k, c, f] * (path[k, f] - plan.path[k, f])
                        commands[k, c] = min(max(wanted, bounds[0, c]), bounds[1, c])
                    move(plan, path[k], commands[k], preset, path[k + 1])
                trial = cost_of(path, commands, target, weights)
                if trial < cost:
                    better = True
                    break
                step *= 0.4
            if better:
                damping = max(0.3 * damping, 1e-4)
                break
            damping *= 20.0
        if not better:
            break
        gained = cost - trial
        cost = trial
        plan.path[:], plan.commands[:] = path, commands
        if gained < 1e-3 * cost:
            break
    return cost
