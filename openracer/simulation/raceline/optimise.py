"""The minimum-time line by iterated linear programming over lateral offsets and speeds.

The line is an offset from a reference line, written in cubic B-splines; the speeds are those of the quasi-steady
profile. Each round linearises lap time, curvature and the tyres' limits around the present line, solves the linear
program within a trust region, and keeps the new line if its exact profile is faster. The approach (a g-g diagram and
successive convexification) is that of minimum-lap-time planning in the literature, such as Kapania, Subosits and
Gerdes, "A Sequential Two-Step Algorithm for Fast Generation of Vehicle Racing Trajectories" (2016), with both steps
in one program.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from openracer.simulation.raceline import corridor as roads
from openracer.simulation.raceline.corridor import Corridor
from openracer.simulation.raceline.envelope import DIRECTIONS, Envelope
from openracer.simulation.raceline.profile import speed_profile

Array = NDArray[np.float64]

KNOT_STEP_M = 0.3
NEAR_MPS2 = 0.4
NEAR_PER_TRUST = 20.0
"""A limit farther from being reached than the first, m/s², plus the second for each metre of trust, is left out of a
linear program."""
FIRST_TRUST_M = 0.06
LAST_TRUST_M = 0.001
SPEED_PER_OFFSET = 6.0
"""Trust in speeds, m/s, for each metre of trust in offsets."""
ENOUGH_S = 2e-4
"""A round that gains less ends the search, s."""
MOST_ROUNDS = 60
_COS, _SIN = np.cos(DIRECTIONS), np.sin(DIRECTIONS)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A line in a corridor with its fastest speeds."""

    coefficients: Array
    points: Array
    speed: Array
    time: float


class LineSearch:
    """The search in one corridor.

    Args:
        corridor: where the line may run.
        envelope: what the vehicle can do.
        yaw_arm: by how much a change of curvature counts as curvature, m: a car that begins to turn needs force on
            one axle to spin it up.
        start_speed: of an open line, m/s.
    """

    def __init__(self, corridor: Corridor, envelope: Envelope, yaw_arm: float, start_speed: float = 0.0):
        self.corridor, self.envelope, self.yaw_arm = corridor, envelope, yaw_arm
        self.start_speed = start_speed
        self.basis = _spline_basis(
            len(corridor.points), roads.lengths(corridor.points, closed=True)[0], corridor.closed
        )

    def candidate(self, coefficients: Array) -> Candidate:
        """The line of some spline coefficients."""
        closed = self.corridor.closed
        points = self.corridor.line(self.basis @ coefficients)
        steps = roads.lengths(points, closed=closed)
        speed = speed_profile(
            self.bend(points), steps, self.envelope, closed=closed, start_speed=self.start_speed
        )
        return Candidate(coefficients, points, speed, travel_time(speed, steps, closed=closed))

    def bend(self, points: Array) -> Array:
        """(N,) curvature without sign that a line asks of the tyres, 1/m."""
        closed = self.corridor.closed
        curvature = roads.curvature(points, closed=closed)
        change = self.yaw_arm * (_slope(roads.lengths(points, closed=closed), closed=closed) @ curvature)
        return np.maximum(np.abs(curvature + change), np.abs(curvature - change))

    def initial(self) -> Candidate:
        """The reference line, moved into the corridor."""
        wanted = np.clip(0.0, self.corridor.low, self.corridor.high)
        return self.candidate(sparse.linalg.lsqr(self.basis, wanted)[0])

    def run(self, start: Candidate, report: Callable[[float], None] | None = None) -> Candidate:
        """Improve a line until nothing is gained.

        Args:
            start: where to begin.
            report: told the time of each better line, s.
        """
        best, trust = start, FIRST_TRUST_M
        for _ in range(MOST_ROUNDS):
            solution = self._linear_program(best, trust)
            if solution is None:
                trust *= 0.5
            else:
                coefficients, predicted = solution
                trial = self.candidate(coefficients)
                gain = best.time - trial.time
                if gain > 0.0 or self._violation(best) > self._violation(trial) + 1e-4:
                    best = trial
                    if report is not None:
                        report(best.time)
                    if 0.0 <= gain < ENOUGH_S and trust <= 4 * LAST_TRUST_M:
                        break
                    trust *= 1.5 if gain > 0.6 * predicted else 0.8
                else:
                    trust *= 0.4
            if trust < LAST_TRUST_M:
                break
        return best

    def _violation(self, candidate: Candidate) -> float:
        """How far a line lies outside the corridor at worst, m."""
        offset = self.basis @ candidate.coefficients
        return float(
            np.maximum(np.maximum(self.corridor.low - offset, offset - self.corridor.high).max(), 0.0)
        )

    def _linear_program(self, best: Candidate, trust: float) -> tuple[Array, float] | None:
        """Best coefficients near a line, to first order, and the time they should gain."""
        closed, corridor = self.corridor.closed, self.corridor
        count, knots = self.basis.shape
        points, speed = best.points, best.speed
        steps = roads.lengths(points, closed=closed)
        bend = roads.curvature(points, closed=closed)
        by_offset = roads.curvature_jacobian(points, corridor.normals, closed=closed)
        slope = self.yaw_arm * _slope(steps, closed=closed)
        length_by_knot = roads.length_jacobian(points, corridor.normals, closed=closed) @ self.basis

        ahead = np.roll(speed, -1)
        pairs = slice(None) if closed else slice(0, -1)
        cost_speed = np.zeros(count)
        fall = np.zeros(count)
        fall[pairs] = -2.0 * steps[pairs] / (speed + ahead)[pairs] ** 2
        cost_speed += fall
        cost_speed += np.roll(fall, 1)
        per_length = np.zeros(count)
        per_length[pairs] = 2.0 / (speed + ahead)[pairs]
        cost = np.concatenate([length_by_knot.T @ per_length, cost_speed])

        blocks, limits = [], []
        gain_by_speed, gain = _forward_acceleration(speed, steps, 1, closed)
        loss_by_speed, loss = _forward_acceleration(speed, steps, -1, closed)
        step = float(self.envelope.speeds[1])
        row = np.minimum((speed / step).astype(int), len(self.envelope.speeds) - 2)
        share = (speed / step - row)[:, None]
        support = (1 - share) * self.envelope.support[row] + share * self.envelope.support[row + 1]
        support_by_speed = (self.envelope.support[row + 1] - self.envelope.support[row]) / step
        for channel in (-1.0, 1.0):
            asked = bend + channel * (slope @ bend)
            side = np.where(asked < 0.0, -1.0, 1.0)
            lateral = np.abs(asked) * speed**2
            by_knot = sparse.diags_array(side * speed**2) @ (
                (by_offset + channel * (slope @ by_offset)) @ self.basis
            )
            by_speed = 2.0 * np.abs(asked) * speed
            for k, (cos, sin) in enumerate(zip(_COS, _SIN, strict=True)):
                forward, forward_by_speed = (gain, gain_by_speed) if cos > 0.0 else (loss, loss_by_speed)
                slack = support[:, k] - cos * forward - sin * lateral
                if not closed:
                    slack[-1 if cos > 0.0 else 0] = np.inf
                near = np.flatnonzero(slack < NEAR_MPS2 + NEAR_PER_TRUST * trust)
                if len(near):
                    speeds = cos * forward_by_speed + sparse.diags_array(
                        sin * by_speed - support_by_speed[:, k]
                    )
                    blocks.append(sparse.hstack([(sin * by_knot)[near], speeds[near]], format="csr"))
                    limits.append(np.maximum(slack[near], 0.0))
        offset = self.basis @ best.coefficients
        road = sparse.hstack([self.basis, sparse.csr_array((count, count))], format="csr")
        # A line that starts outside comes in as far as one step allows.
        limits += [
            np.maximum(corridor.high - offset, -0.5 * trust),
            np.maximum(offset - corridor.low, -0.5 * trust),
        ]
        blocks += [road, -road]
        low = np.concatenate([np.full(knots, -trust), np.maximum(-SPEED_PER_OFFSET * trust, -0.9 * speed)])
        high = np.concatenate([np.full(knots, trust), np.full(count, SPEED_PER_OFFSET * trust)])
        if not closed:
            low[knots] = high[knots] = 0.0
        result = linprog(
            cost,
            A_ub=sparse.vstack(blocks, format="csr"),
            b_ub=np.concatenate(limits),
            bounds=np.stack([low, high], axis=1),
            method="highs",
        )
        if result.x is None:
            return None
        return best.coefficients + result.x[:knots], -float(result.fun)


def travel_time(speed: Array, steps: Array, *, closed: bool) -> float:
    """Time along points with some speeds under constant acceleration between them, s."""
    return float(times(speed, steps, closed=closed)[-1])


def times(speed: Array, steps: Array, *, closed: bool) -> Array:
    """Time at each point, s; a loop has one more at its end: (N + 1,), an open line (N,)."""
    pair = speed + np.roll(speed, -1)
    parts = 2.0 * steps / pair
    return np.concatenate([[0.0], np.cumsum(parts if closed else parts[:-1])])


def _forward_acceleration(
    speed: Array, steps: Array, towards: int, closed: bool
) -> tuple[sparse.csr_array, Array]:
    """Acceleration over the step after (1) or before (-1) each point, m/s², and its derivative by the speeds."""
    count = len(speed)
    here = np.arange(count)
    other = (here + towards) % count
    span = steps if towards > 0 else np.roll(steps, 1)
    exists = np.ones(count, bool)
    if not closed:
        exists[-1 if towards > 0 else 0] = False
    size = np.where(exists, span, 1.0)
    change = np.where(exists, towards * (speed[other] ** 2 - speed**2) / (2.0 * size), 0.0)
    at_other = np.where(exists, towards * speed[other] / size, 0.0)
    at_here = np.where(exists, -towards * speed / size, 0.0)
    derivative = sparse.csr_array(
        (np.concatenate([at_here, at_other]), (np.concatenate([here, here]), np.concatenate([here, other]))),
        shape=(count, count),
    )
    return derivative, change


def _slope(steps: Array, *, closed: bool) -> sparse.csr_array:
    """(N, N) matrix that takes the derivative along a line by central differences."""
    count = len(steps)
    here = np.arange(count)
    span = steps + np.roll(steps, 1)
    matrix = sparse.csr_array(
        (
            np.concatenate([1.0 / span, -1.0 / span]),
            (np.concatenate([here, here]), np.concatenate([(here + 1) % count, (here - 1) % count])),
        ),
        shape=(count, count),
    )
    if not closed:
        inside = np.ones(count)
        inside[0] = inside[-1] = 0.0
        matrix = sparse.csr_array(sparse.diags_array(inside) @ matrix)
    return matrix


def _spline_basis(count: int, step: float, closed: bool) -> sparse.csr_array:
    """(N, M) values of uniform cubic B-splines at N evenly spaced points."""
    spans = max(round(count * step / KNOT_STEP_M), 6)
    place = np.arange(count) * spans / (count if closed else count - 1)
    first = np.minimum(place.astype(int), spans - 1)
    t = place - first
    weights = (
        np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1)
        / 6.0
    )
    knots = spans if closed else spans + 3
    columns = (first[:, None] + np.arange(4)) % knots
    rows = np.repeat(np.arange(count), 4)
    return sparse.csr_array((weights.ravel(), (rows, columns.ravel())), shape=(count, knots))
