// The view from behind one car: the flat world in simple perspective, painted from far to near.
import { carFaces } from "./car_model.js";
import { BOX_FACES } from "./objects.js";

const BEHIND = 0.92, ABOVE = 0.47, PITCH = 0.3; // m, m, rad
const NEAR = 0.08, FAR = 30; // m
const LINE = 0.05, DASH = 0.25; // m
const LIGHT = {
  sky: ["#a9c8e6", "#e9f2f8"], field: "#cfdcc3", stripe: "#c6d5b9", road: "#474e59", line: "#ffffff", haze: "233 242 248",
};
const DARK = {
  sky: ["#0a0f18", "#1c2838"], field: "#1b2620", stripe: "#1f2c25", road: "#3d444f", line: "#dfe4ea", haze: "28 40 56",
};

export class ChaseView {
  constructor(shape) {
    const { inner, outer, centre } = shape;
    this.road = [];
    this.lines = [];
    for (let row = 0; row + 1 < inner.length; row++) {
      this.road.push([inner[row], outer[row], outer[row + 1], inner[row + 1]]);
      for (const [line, other] of [[inner, outer], [outer, inner]]) {
        this.lines.push([line[row], inwards(line[row], other[row]), inwards(line[row + 1], other[row + 1]), line[row + 1]]);
      }
    }
    this.dashes = dashes(centre);
    this.start = checkers(inner[0], outer[0], centre);
    const points = inner.concat(outer);
    const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
    this.stripes = stripes(Math.min(...xs) - 8, Math.max(...xs) + 8, Math.min(...ys) - 8, Math.max(...ys) + 8);
    this.forget();
  }

  /** Begin anew: the eye does not swing over from where it was. */
  forget() {
    this.eye = null;
  }

  draw(pen, width, height, colours, cars, focus) {
    const look = colours.dark ? DARK : LIGHT;
    this._place(focus);
    this.width = width;
    this.height = height;
    this.focal = Math.max(0.72 * width, 0.95 * height);
    const horizon = 0.5 * height - this.focal * Math.tan(PITCH);
    const sky = pen.createLinearGradient(0, 0, 0, Math.max(horizon, 1));
    sky.addColorStop(0, look.sky[0]);
    sky.addColorStop(1, look.sky[1]);
    pen.fillStyle = sky;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = look.field;
    pen.fillRect(0, horizon, width, height - horizon);
    this._fill(pen, this.stripes, look.stripe);
    this._fill(pen, this.road, look.road);
    this._fill(pen, this.lines, look.line);
    this._fill(pen, this.dashes, colours.centre);
    this._fill(pen, this.start, look.line);
    const haze = pen.createLinearGradient(0, horizon - 1, 0, horizon + 0.13 * height);
    haze.addColorStop(0, `rgb(${look.haze} / 92%)`);
    haze.addColorStop(1, `rgb(${look.haze} / 0%)`);
    pen.fillStyle = haze;
    pen.fillRect(0, horizon - 1, width, 0.14 * height);
    const depth = (car) => this._see(car.x, car.y, 0)[0];
    const seen = cars.filter((car) => depth(car) > 0.25 && depth(car) < 0.6 * FAR);
    for (const car of seen.sort((a, b) => depth(b) - depth(a))) this._car(pen, car);
    pen.globalAlpha = 1;
  }

  _place(car) {
    const eye = this.eye;
    if (!eye || Math.hypot(car.x - eye.carX, car.y - eye.carY) > 0.8) {
      this.eye = { yaw: car.yaw };
    } else {
      const turn = Math.atan2(Math.sin(car.yaw - eye.yaw), Math.cos(car.yaw - eye.yaw));
      eye.yaw += 0.14 * turn;
    }
    Object.assign(this.eye, { carX: car.x, carY: car.y });
    this.cos = Math.cos(this.eye.yaw);
    this.sin = Math.sin(this.eye.yaw);
    this.x = car.x - BEHIND * this.cos;
    this.y = car.y - BEHIND * this.sin;
  }

  /** A point of the world as the eye has it: depth, left, below; m. */
  _see(x, y, z) {
    const dx = x - this.x, dy = y - this.y, up = z - ABOVE;
    const ahead = dx * this.cos + dy * this.sin;
    return [
      ahead * Math.cos(PITCH) - up * Math.sin(PITCH),
      dy * this.cos - dx * this.sin,
      -ahead * Math.sin(PITCH) - up * Math.cos(PITCH),
    ];
  }

  _onScreen([depth, left, below]) {
    const scale = this.focal / depth;
    return [0.5 * this.width - left * scale, 0.5 * this.height + below * scale];
  }

  /** Polygons on the ground, all in one path, so that neighbours leave no seam. */
  _fill(pen, polygons, colour) {
    pen.fillStyle = colour;
    pen.beginPath();
    for (const polygon of polygons) {
      const seen = polygon.map(([x, y]) => this._see(x, y, 0));
      if (seen.every(([depth]) => depth < NEAR) || seen.every(([depth]) => depth > FAR)) continue;
      const clipped = seen.every(([depth]) => depth >= NEAR) ? seen : clip(seen);
      clipped.forEach((point, row) => (row ? pen.lineTo(...this._onScreen(point)) : pen.moveTo(...this._onScreen(point))));
      pen.closePath();
    }
    pen.fill();
  }

  _car(pen, car) {
    const cos = Math.cos(car.yaw), sin = Math.sin(car.yaw);
    const inWorld = ([x, y, z]) => [car.x + x * cos - y * sin, car.y + x * sin + y * cos, z];
    pen.globalAlpha = 0.25 * (car.alpha ?? 1);
    pen.fillStyle = "#000";
    pen.beginPath();
    for (let part = 0; part < 20; part++) {
      const angle = (2 * Math.PI * part) / 20;
      const across = car.box ? 1.5 : 1;
      const at = this._see(...inWorld([0.185 * across * Math.cos(angle), 0.125 * across * Math.sin(angle), 0]));
      const place = this._onScreen([Math.max(at[0], NEAR), at[1], at[2]]);
      part ? pen.lineTo(...place) : pen.moveTo(...place);
    }
    pen.fill();
    pen.globalAlpha = car.alpha ?? 1;
    const faces = [];
    for (const { points, normal, colour } of car.box ? BOX_FACES : carFaces(car.steering)) {
      const turned = [normal[0] * cos - normal[1] * sin, normal[0] * sin + normal[1] * cos, normal[2]];
      const world = points.map(inWorld);
      const [x, y, z] = world[0];
      if (turned[0] * (this.x - x) + turned[1] * (this.y - y) + turned[2] * (ABOVE - z) <= 0) continue;
      const seen = world.map((point) => this._see(...point));
      if (seen.every(([depth]) => depth < NEAR)) continue;
      const light = 0.62 + 0.38 * Math.max(0, 0.35 * turned[0] + 0.25 * turned[1] + 0.9 * turned[2]);
      faces.push({ seen: seen.some(([depth]) => depth < NEAR) ? clip(seen) : seen, depth: mean(seen.map(([depth]) => depth)), fill: shade(colour ?? car.colour, light) });
    }
    for (const { seen, fill } of faces.sort((a, b) => b.depth - a.depth)) {
      pen.fillStyle = pen.strokeStyle = fill;
      pen.lineWidth = 0.6;
      pen.beginPath();
      seen.forEach((point, row) => (row ? pen.lineTo(...this._onScreen(point)) : pen.moveTo(...this._onScreen(point))));
      pen.closePath();
      pen.fill();
      if (pen.globalAlpha === 1) pen.stroke();
    }
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const shades = new Map();

function shade(colour, light) {
  const key = colour + Math.round(light * 50);
  if (!shades.has(key)) {
    const parts = colour.match(/^#(..)(..)(..)$/)?.slice(1).map((part) => parseInt(part, 16)) ?? [120, 120, 120];
    shades.set(key, `rgb(${parts.map((part) => Math.round(part * light)).join(" ")})`);
  }
  return shades.get(key);
}

/** What of a polygon is in front of the eye. */
function clip(points) {
  const kept = [];
  points.forEach((here, row) => {
    const before = points[(row + points.length - 1) % points.length];
    if (here[0] >= NEAR !== before[0] >= NEAR) {
      const share = (NEAR - before[0]) / (here[0] - before[0]);
      kept.push(before.map((value, axis) => value + share * (here[axis] - value)));
    }
    if (here[0] >= NEAR) kept.push(here);
  });
  return kept;
}

function inwards([x, y], [toX, toY]) {
  const share = LINE / (Math.hypot(toX - x, toY - y) || 1);
  return [x + share * (toX - x), y + share * (toY - y)];
}

function dashes(line) {
  const quads = [];
  let left = DASH, drawn = true;
  for (let row = 0; row + 1 < line.length; row++) {
    const [[x, y], [toX, toY]] = [line[row], line[row + 1]];
    const length = Math.hypot(toX - x, toY - y);
    if (!length) continue;
    const [ux, uy] = [(toX - x) / length, (toY - y) / length];
    for (let at = 0; at < length; ) {
      const end = Math.min(length, at + left);
      if (drawn) {
        const side = ([s, t]) => [x + s * ux - t * uy, y + s * uy + t * ux];
        quads.push([[at, -0.022], [end, -0.022], [end, 0.022], [at, 0.022]].map(side));
      }
      left -= end - at;
      at = end;
      if (left <= 1e-9) [left, drawn] = [DASH, !drawn];
    }
  }
  return quads;
}

function checkers([ax, ay], [bx, by], centre) {
  const quads = [], cells = 10, size = 0.1;
  const along = Math.atan2(centre[1][1] - centre[0][1], centre[1][0] - centre[0][0]);
  const at = (share, shift) => [
    ax + share * (bx - ax) + shift * Math.cos(along), ay + share * (by - ay) + shift * Math.sin(along),
  ];
  for (let cell = 0; cell < cells; cell++) {
    const shift = cell % 2 ? 0 : -size;
    const [first, last] = [cell / cells, (cell + 1) / cells];
    quads.push([at(first, shift), at(last, shift), at(last, shift + size), at(first, shift + size)]);
  }
  return quads;
}

function stripes(left, right, low, high) {
  const quads = [];
  for (let x = left; x < right; x += 1.6) quads.push([[x, low], [x + 0.8, low], [x + 0.8, high], [x, high]]);
  return quads;
}
