// The car as canvases draw it: a flat picture from above, and a small solid model for the view from behind.
// Lengths in m in the car's frame: x forward, y left, z up; origin midway between the axles. Wheels are where the
// simulator has them (deepracer-simapp, URDF of the car); the body is drawn freely within its bounding box.

export const CAR_LENGTH = 0.3235;
const AXLE = 0.082, HALF_TRACK = 0.08, WHEEL_RADIUS = 0.036, WHEEL_HALF_WIDTH = 0.018;
const TYRE = "#1c1e23", DARK = "#23262d", GLASS = "#36465c", BRIGHT = "#f4f5f7";

/** Draw a car from above; the pen's units are metres, y up. `size` enlarges it. */
export function drawCar(pen, car, size, colours) {
  pen.save();
  pen.globalAlpha = car.alpha ?? 1;
  pen.translate(car.x, car.y);
  pen.rotate(car.yaw);
  pen.scale(size, size);
  pen.fillStyle = "rgb(0 0 0 / 22%)";
  pen.beginPath();
  pen.ellipse(-0.004, -0.012, 0.19, 0.125, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = colours.dark ? "#0b0c0f" : TYRE;
  for (const side of [-1, 1]) {
    wheel(pen, -AXLE, side * HALF_TRACK, 0);
    wheel(pen, AXLE, side * HALF_TRACK, car.steering);
  }
  pen.fillStyle = DARK;
  pen.fillRect(-0.125, -0.058, 0.26, 0.116);
  pen.fillStyle = car.colour;
  pen.beginPath();
  pen.moveTo(-0.14, -0.062);
  pen.lineTo(0.05, -0.062);
  pen.quadraticCurveTo(0.15, -0.05, 0.168, -0.022);
  pen.lineTo(0.168, 0.022);
  pen.quadraticCurveTo(0.15, 0.05, 0.05, 0.062);
  pen.lineTo(-0.14, 0.062);
  pen.closePath();
  pen.fill();
  pen.strokeStyle = "rgb(255 255 255 / 65%)";
  pen.lineWidth = 0.008;
  pen.stroke();
  pen.fillStyle = GLASS;
  fillPolygon(pen, [[0.05, -0.034], [0.075, 0], [0.05, 0.034], [-0.07, 0.042], [-0.07, -0.042]]);
  pen.fillStyle = BRIGHT;
  pen.fillRect(-0.16, -0.088, 0.034, 0.176);
  pen.restore();
}

const ARROW = [[0.17, 0], [0.02, 0.085], [-0.15, 0.085], [-0.15, -0.085], [0.02, -0.085]];

/** Draw many cars of one colour as plain arrows, in one stroke of the pen. */
export function drawSwarm(pen, cars, size) {
  if (!cars.length) return;
  pen.fillStyle = cars[0].colour;
  pen.globalAlpha = cars[0].alpha ?? 1;
  pen.beginPath();
  for (const { x, y, yaw } of cars) {
    const cos = size * Math.cos(yaw), sin = size * Math.sin(yaw);
    ARROW.forEach(([ahead, left], corner) => {
      const px = x + ahead * cos - left * sin, py = y + ahead * sin + left * cos;
      corner ? pen.lineTo(px, py) : pen.moveTo(px, py);
    });
    pen.closePath();
  }
  pen.fill();
  pen.globalAlpha = 1;
}

function wheel(pen, x, y, turn) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(turn);
  pen.fillRect(-WHEEL_RADIUS, -WHEEL_HALF_WIDTH, 2 * WHEEL_RADIUS, 2 * WHEEL_HALF_WIDTH);
  pen.restore();
}

function fillPolygon(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], row) => (row ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.fill();
}

/** Faces of the solid model: [{points: [[x, y, z] …], normal, colour}], colour null where the car's own goes. */
export function carFaces(steering) {
  const key = Math.round(steering * 40);
  if (!wheelFaces.has(key)) wheelFaces.set(key, wheels(key / 40));
  return BODY.concat(wheelFaces.get(key));
}

function block(rear, front, halfRear, halfFront, bottom, top, colour, nose = top) {
  const corner = (ahead, left, up) => [
    ahead ? front : rear, (left ? 1 : -1) * (ahead ? halfFront : halfRear), up ? (ahead ? nose : top) : bottom,
  ];
  const sides = [
    [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]],
    [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
    [[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 1, 1]],
    [[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 1, 1]],
    [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]],
  ];
  const middle = [0.5 * (rear + front), 0, 0.5 * (bottom + top)];
  return sides.map((side) => face(side.map((place) => corner(...place)), middle, colour));
}

/** A face whose normal leads away from the middle of its body. */
function face(points, middle, colour) {
  const [a, b, c] = points;
  const u = b.map((value, axis) => value - a[axis]), v = c.map((value, axis) => value - a[axis]);
  let normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...normal) || 1;
  const outward = normal.reduce((sum, value, axis) => sum + value * (a[axis] - middle[axis]), 0) >= 0 ? 1 : -1;
  normal = normal.map((value) => (outward * value) / length);
  return { points, normal, colour };
}

const BODY = [
  ...block(-0.125, 0.135, 0.06, 0.06, 0.02, 0.045, DARK),
  ...block(-0.135, 0.06, 0.062, 0.056, 0.045, 0.082, null),
  ...block(0.06, 0.158, 0.056, 0.03, 0.04, 0.066, null, 0.046),
  ...block(-0.09, 0.03, 0.044, 0.03, 0.082, 0.118, GLASS),
  ...block(-0.08, 0.015, 0.03, 0.026, 0.118, 0.124, BRIGHT),
  ...block(-0.138, -0.128, 0.05, 0.05, 0.08, 0.108, DARK),
  ...block(-0.15, -0.115, 0.088, 0.088, 0.108, 0.115, BRIGHT),
];
const wheelFaces = new Map();

function wheels(steering) {
  const faces = [], parts = 10;
  for (const [axle, turn] of [[-AXLE, 0], [AXLE, steering]]) {
    const cos = Math.cos(turn), sin = Math.sin(turn);
    for (const side of [-1, 1]) {
      const hub = [axle, side * HALF_TRACK, WHEEL_RADIUS];
      const at = (part, aside) => {
        const angle = (2 * Math.PI * part) / parts;
        const along = WHEEL_RADIUS * Math.sin(angle), up = WHEEL_RADIUS * Math.cos(angle);
        return [hub[0] + along * cos - aside * sin, hub[1] + along * sin + aside * cos, hub[2] + up];
      };
      const left = [], right = [];
      for (let part = 0; part < parts; part++) {
        left.push(at(part, WHEEL_HALF_WIDTH));
        right.push(at(part, -WHEEL_HALF_WIDTH));
        faces.push(face(
          [at(part, WHEEL_HALF_WIDTH), at(part, -WHEEL_HALF_WIDTH), at(part + 1, -WHEEL_HALF_WIDTH), at(part + 1, WHEEL_HALF_WIDTH)],
          hub, TYRE,
        ));
      }
      faces.push(face(left, hub, TYRE), face(right, hub, TYRE));
    }
  }
  return faces;
}
