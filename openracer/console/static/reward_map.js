// The reward of every place painted over the road, and what one place pays under the pointer.
//
// options: {shape (openracer.analysis.drives.track_shape), corners (openracer.analysis.reward_map.grid_values),
// situation: {turn, steering} in degrees, words: {low, high, waiting}}.
import { drawCar } from "./car_model.js";
import { fitCanvas, onThemeChange, palette } from "./theme.js";

const MARGIN = 0.3; // m around the road
const STOPS = ["#43276b", "#3f4f8c", "#2b788e", "#22a184", "#6cce59", "#fbe723"].map((hex) =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)),
);

function colourOf(share) {
  const place = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1), step = Math.min(Math.floor(place), STOPS.length - 2);
  const mixed = STOPS[step].map((from, k) => Math.round(from + (place - step) * (STOPS[step + 1][k] - from)));
  return `rgb(${mixed.join(" ")})`;
}

const GRADIENT = `linear-gradient(90deg, ${[0, 0.2, 0.4, 0.6, 0.8, 1].map(colourOf).join(", ")})`;
const written = (value) => (value === null || value === undefined ? "–" : String(Number(value.toPrecision(3))));

class RewardMap {
  constructor(root, options) {
    this.words = options.words;
    this.situation = options.situation;
    this.colours = palette();
    root.classList.add("rm");
    root.innerHTML =
      '<div class="rm-screen"><canvas class="rm-canvas" role="img"></canvas><div class="rm-tip" hidden></div></div>' +
      '<div class="rm-legend"><span class="rm-low"></span><span class="rm-bar"></span><span class="rm-high"></span></div>';
    this.root = root;
    [this.canvas, this.tip, this.low, this.bar, this.high] = ["canvas", ".rm-tip", ".rm-low", ".rm-bar", ".rm-high"].map(
      (selector) => root.querySelector(selector),
    );
    this.canvas.setAttribute("aria-label", this.words.picture);
    this.bar.style.background = GRADIENT;
    this.resizes = new ResizeObserver(() => this._draw());
    this.resizes.observe(this.canvas);
    this.endTheme = onThemeChange(() => {
      this.colours = palette();
      this._draw();
    });
    this.canvas.addEventListener("pointermove", (event) => this._point(event));
    this.canvas.addEventListener("pointerdown", (event) => this._point(event));
    this.canvas.addEventListener("pointerleave", () => this._leave());
    this.setTrack(options.shape, options.corners);
  }

  destroy() {
    this.resizes.disconnect();
    this.endTheme();
  }

  setTrack(shape, corners) {
    this.shape = shape;
    this.corners = corners;
    this.map = null;
    const points = shape.inner.concat(shape.outer);
    const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
    this.box = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN, Math.max(...xs) + MARGIN, Math.max(...ys) + MARGIN];
    const shapeRatio = (this.box[2] - this.box[0]) / (this.box[3] - this.box[1]);
    this.canvas.style.aspectRatio = String(Math.min(Math.max(shapeRatio, 1), 2.4));
    this._draw();
  }

  setSituation(situation) {
    this.situation = situation;
    this._draw();
  }

  /** A new picture is on its way. */
  wait() {
    this.root.classList.add("is-waiting");
  }

  /** Paint rewards as openracer.analysis.reward_map.map_values gives them; null where the function failed. */
  setMap(map) {
    this.root.classList.remove("is-waiting");
    this.map = map;
    this.low.textContent = map ? written(map.low) : "";
    this.high.textContent = map ? written(map.high) : "";
    this.root.classList.toggle("is-empty", !map || map.low === null);
    this._draw();
  }

  _scale() {
    const { clientWidth: width, clientHeight: height } = this.canvas, [left, bottom, right, top] = this.box;
    const scale = Math.min(width / (right - left), height / (top - bottom));
    return { scale, x: 0.5 * (width - scale * (left + right)), y: 0.5 * (height + scale * (bottom + top)) };
  }

  _draw() {
    const { width, height, ratio } = fitCanvas(this.canvas);
    if (!width || !height) return;
    const { scale, x, y } = this._scale(), pen = this.canvas.getContext("2d"), colours = this.colours;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(scale * ratio, 0, 0, -scale * ratio, x * ratio, y * ratio);
    pen.lineJoin = "round";
    if (this.map?.low != null) this._cells(pen, scale);
    else this._road(pen);
    pen.strokeStyle = colours.border;
    pen.lineWidth = Math.max(0.035, 1.2 / scale);
    for (const line of [this.shape.inner, this.shape.outer]) this._line(pen, line);
    pen.globalAlpha = 0.55;
    pen.lineWidth = Math.max(0.02, 0.8 / scale);
    pen.setLineDash([0.2, 0.2]);
    this._line(pen, this.shape.centre);
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    this._start(pen);
    if (this.cell) this._car(pen, scale);
  }

  _cells(pen, scale) {
    const { rewards, low, high } = this.map, span = high - low;
    pen.lineWidth = 0.7 / scale; // cells overlap by a hair, or the ground would show between them
    rewards.forEach((row, station) =>
      row.forEach((reward, lane) => {
        if (reward === null) return;
        const near = this.corners[station], far = this.corners[station + 1];
        pen.fillStyle = pen.strokeStyle = colourOf(span > 1e-9 ? (reward - low) / span : 0.65);
        pen.beginPath();
        pen.moveTo(...near[lane]);
        pen.lineTo(...near[lane + 1]);
        pen.lineTo(...far[lane + 1]);
        pen.lineTo(...far[lane]);
        pen.closePath();
        pen.fill();
        pen.stroke();
      }),
    );
  }

  _road(pen) {
    const { inner, outer, closed } = this.shape;
    pen.fillStyle = this.colours.road;
    pen.beginPath();
    for (const ring of closed ? [outer, inner] : [outer.concat([...inner].reverse())]) {
      ring.forEach((point, row) => (row ? pen.lineTo(...point) : pen.moveTo(...point)));
      pen.closePath();
    }
    pen.fill("evenodd");
  }

  _line(pen, line) {
    pen.beginPath();
    line.forEach((point, row) => (row ? pen.lineTo(...point) : pen.moveTo(...point)));
    if (this.shape.closed) pen.closePath();
    pen.stroke();
  }

  /** The start line and an arrow ahead of it. */
  _start(pen) {
    const { inner, outer, centre } = this.shape, [[ax, ay], [bx, by]] = [inner[0], outer[0]];
    const width = Math.hypot(ax - bx, ay - by);
    pen.strokeStyle = pen.fillStyle = this.colours.border;
    pen.lineWidth = 0.1;
    pen.beginPath();
    pen.moveTo(ax, ay);
    pen.lineTo(bx, by);
    pen.stroke();
    pen.save();
    pen.translate(0.5 * (ax + bx), 0.5 * (ay + by));
    pen.rotate(Math.atan2(centre[1][1] - centre[0][1], centre[1][0] - centre[0][0]));
    pen.beginPath();
    pen.moveTo(0.75 * width, 0);
    pen.lineTo(0.3 * width, 0.26 * width);
    pen.lineTo(0.3 * width, -0.26 * width);
    pen.fill();
    pen.restore();
  }

  _car(pen, scale) {
    const { station, lane } = this.cell, [x, y] = this._middle(station, lane);
    const [fx, fy] = this._middle(Math.min(station + 1, this.corners.length - 2), lane), [bx, by] = this._middle(Math.max(station - 1, 0), lane);
    const yaw = Math.atan2(fy - by, fx - bx) + (this.situation.turn * Math.PI) / 180;
    // The reward is that of the front point.
    const size = Math.max(1, 26 / (0.32 * scale)), back = 0.14 * size;
    const steering = (this.situation.steering * Math.PI) / 180;
    const car = { x: x - back * Math.cos(yaw), y: y - back * Math.sin(yaw), yaw, steering, colour: this.colours.car };
    drawCar(pen, car, size, this.colours);
  }

  _middle(station, lane) {
    const near = this.corners[station], far = this.corners[station + 1];
    return [0, 1].map((axis) => 0.25 * (near[lane][axis] + near[lane + 1][axis] + far[lane][axis] + far[lane + 1][axis]));
  }

  _point(event) {
    if (this.map?.low == null) return this._leave();
    const { scale, x, y } = this._scale();
    const place = [(event.offsetX - x) / scale, (y - event.offsetY) / scale];
    let best = 0.3, cell = null;
    this.map.rewards.forEach((row, station) =>
      row.forEach((reward, lane) => {
        const [cx, cy] = this._middle(station, lane), away = Math.hypot(cx - place[0], cy - place[1]);
        if (away < best && reward !== null) [best, cell] = [away, { station, lane, reward }];
      }),
    );
    this.cell = cell;
    this.tip.hidden = !cell;
    if (cell) {
      this.tip.textContent = `${this.words.reward} ${written(cell.reward)}`;
      this.tip.style.left = `${Math.min(Math.max(event.offsetX, 50), this.canvas.clientWidth - 50)}px`;
      this.tip.style.top = `${event.offsetY}px`;
    }
    this._draw();
  }

  _leave() {
    if (!this.cell) return;
    this.cell = null;
    this.tip.hidden = true;
    this._draw();
  }
}

/** Show the map in an element. */
export function mount(element, options) {
  return new RewardMap(element, options);
}
