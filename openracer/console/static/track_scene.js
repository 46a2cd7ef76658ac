// A track with its cars on a canvas: from above, with zoom, panning and following, or from behind one car.
//
// A shape is {closed, centre, inner, outer} as openracer.analysis.drives.track_shape makes it, lengths in m. A car is
// {x, y, yaw, steering, colour, alpha, trail}: its origin in m, angles in rad, trail an optional list of [x, y].
import { BOT_COLOUR, BOX_LENGTH, drawBox } from "./objects.js";
import { CAR_LENGTH, drawCar, drawSwarm } from "./car_model.js";
import { ChaseView } from "./chase_view.js";
import { fitCanvas, onThemeChange, palette } from "./theme.js";
import { IS_POOR } from "./ticker.js";

const MARGIN = 0.45; // m around the track when all of it is shown
const LEAST_CAR = 17; // CSS pixels: a car on a large track would be too small to see
const LEAST_BOX = 11;
const MOST_ZOOM = 24;
const NARROW = 560, TOOLS = 46; // CSS pixels: on a narrow canvas the buttons at its right have a strip of their own

export class TrackScene {
  /**
   * @param canvas fills its box; the scene listens to its pointer, wheel and keys.
   * @param shape of the track.
   * @param changed called when the picture must be drawn anew although no car moved.
   */
  constructor(canvas, shape, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.view = "above";
    this.follow = false;
    this.zoom = 1;
    this.centre = [0, 0];
    this.colours = palette();
    this.setShape(shape);
    this.layer = document.createElement("canvas");
    this.abort = new AbortController();
    this._listen();
    this.resizes = new ResizeObserver(() => this._redraw());
    this.resizes.observe(canvas);
    this.endTheme = onThemeChange(() => {
      this.colours = palette();
      this._redraw();
    });
  }

  destroy() {
    this.abort.abort();
    this.resizes.disconnect();
    this.endTheme();
  }

  setShape(shape) {
    this.shape = shape;
    const points = shape.inner.concat(shape.outer);
    const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
    this.low = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
    this.high = [Math.max(...xs) + MARGIN, Math.max(...ys) + MARGIN];
    this.road = roadPath(shape);
    this.borders = linesPath([shape.inner, shape.outer], shape.closed);
    this.dashes = linesPath([shape.centre], shape.closed);
    this.chase = new ChaseView(shape);
    this.paths = [];
    this.setObjects(null);
    this.fit();
  }

  /** Lines below the cars, in metres: [{path: Path2D, colour, width, dash}]. */
  setPaths(paths) {
    this.paths = paths;
    this._redraw();
  }

  /** What is on the road besides: {boxes, bots}, lists of [x, y, yaw]. */
  setObjects(objects) {
    this.boxes = (objects?.boxes ?? []).map(([x, y, yaw]) => ({ x, y, yaw, box: true }));
    this.bots = (objects?.bots ?? []).map(([x, y, yaw]) => ({ x, y, yaw, steering: 0, colour: BOT_COLOUR, alpha: 1 }));
  }

  setView(view) {
    this.view = view;
    this.chase.forget();
    this._redraw();
  }

  setFollow(follow) {
    this.follow = follow;
    if (follow && this.zoom < 2.5) this.zoom = 3.5;
    if (!follow) this.fit();
    this._redraw();
  }

  fit() {
    this.zoom = 1;
    this.follow = false;
    this.centre = [0.5 * (this.low[0] + this.high[0]), 0.5 * (this.low[1] + this.high[1])];
    this._redraw();
  }

  /** Zoom by a factor, keeping the place under a point of the canvas (CSS pixels) where it is. */
  zoomBy(factor, x = this._room().width / 2, y = this._room().height / 2) {
    const before = this._world(x, y);
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
    if (this.zoom === 1) return this.fit();
    const after = this._world(x, y);
    if (!this.follow) {
      this.centre = [this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]];
    }
    this._redraw();
  }

  /**
   * Draw the scene.
   * @param cars drawn in their order, the last on top.
   * @param focus the car that the view follows, or null.
   */
  draw(cars, focus) {
    const { width, height, ratio } = fitCanvas(this.canvas);
    if (!width || !height) return;
    this.ratio = ratio;
    const pen = this.canvas.getContext("2d", { alpha: false, willReadFrequently: IS_POOR });
    if (this.view === "behind" && focus) {
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.chase.draw(pen, width, height, this.colours, [...this.boxes, ...this.bots, ...cars], focus);
      return;
    }
    if (this.follow && focus) {
      const jump = Math.hypot(focus.x - this.centre[0], focus.y - this.centre[1]) * this._scale() > width;
      const share = jump ? 1 : 0.18;
      this.centre = [
        this.centre[0] + share * (focus.x - this.centre[0]),
        this.centre[1] + share * (focus.y - this.centre[1]),
      ];
    }
    this._ground(pen);
    const scale = this._scale();
    const size = Math.max(1, LEAST_CAR / (CAR_LENGTH * scale));
    for (const car of cars) if (car.trail) this._trail(pen, car, scale);
    for (const box of this.boxes) drawBox(pen, box, Math.max(1, LEAST_BOX / (BOX_LENGTH * scale)));
    for (const bot of this.bots) drawCar(pen, bot, size, this.colours);
    drawSwarm(pen, cars.filter((car) => car.plain), size);
    if (focus) this._halo(pen, focus, size);
    for (const car of cars) if (!car.plain) drawCar(pen, car, size, this.colours);
  }

  /** What of the canvas is for the track, CSS pixels. */
  _room() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return { width: width < NARROW ? Math.max(width - TOOLS, 1) : width, height };
  }

  _scale() {
    const { width, height } = this._room();
    const fit = Math.min(width / (this.high[0] - this.low[0]), height / (this.high[1] - this.low[1]));
    return this.zoom * fit || 1;
  }

  _world(x, y) {
    const scale = this._scale(), { width, height } = this._room();
    return [this.centre[0] + (x - 0.5 * width) / scale, this.centre[1] - (y - 0.5 * height) / scale];
  }

  /** Ground and track; they are painted once for as long as nothing of the view changes. */
  _ground(pen) {
    const { width, height } = this._room(), { ratio } = this;
    const scale = this._scale(), [x, y] = this.centre;
    const world = [
      scale * ratio, 0, 0, -scale * ratio, (0.5 * width - x * scale) * ratio, (0.5 * height + y * scale) * ratio,
    ];
    const key = JSON.stringify([world, this.canvas.width, this.canvas.height, this.colours.field]);
    if (key !== this.layerKey || this.stale) {
      // While the view moves every frame is new: drawn directly, it costs one copy less.
      const still = !this.follow || key === this.lastKey;
      this.lastKey = key;
      if (!still) {
        this._paintGround(pen, world, scale);
        pen.setTransform(...world);
        return;
      }
      this.layer.width = this.canvas.width;
      this.layer.height = this.canvas.height;
      this._paintGround(this.layer.getContext("2d", { alpha: false, willReadFrequently: IS_POOR }), world, scale);
      this.layerKey = key;
      this.stale = false;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(this.layer, 0, 0);
    pen.setTransform(...world);
  }

  _paintGround(pen, world, scale) {
    const colours = this.colours, pixel = 1 / scale;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = colours.field;
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(...world);
    pen.lineJoin = "round";
    pen.fillStyle = colours.road;
    pen.fill(this.road, "evenodd");
    pen.strokeStyle = colours.border;
    pen.lineWidth = Math.max(0.05, 1.4 * pixel);
    pen.stroke(this.borders);
    pen.strokeStyle = colours.centre;
    pen.globalAlpha = this.paths.length ? 0.4 : 0.9;
    pen.lineWidth = Math.max(0.035, pixel);
    pen.setLineDash([0.22, 0.22]);
    pen.stroke(this.dashes);
    pen.globalAlpha = 1;
    this._startLine(pen);
    for (const line of this.paths) {
      pen.strokeStyle = line.colour;
      pen.globalAlpha = line.alpha ?? 1;
      pen.lineWidth = line.width * pixel;
      pen.setLineDash((line.dash ?? []).map((length) => length * pixel));
      pen.stroke(line.path);
    }
    pen.globalAlpha = 1;
    pen.setLineDash([]);
  }

  _startLine(pen) {
    const { inner, outer, centre } = this.shape;
    const [[ax, ay], [bx, by]] = [inner[0], outer[0]];
    pen.setLineDash([]);
    pen.strokeStyle = this.colours.border;
    pen.lineWidth = 0.16;
    pen.beginPath();
    pen.moveTo(ax, ay);
    pen.lineTo(bx, by);
    pen.stroke();
    pen.strokeStyle = this.colours.road;
    pen.lineWidth = 0.08;
    const along = Math.atan2(centre[1][1] - centre[0][1], centre[1][0] - centre[0][0]);
    for (const [shift, phase] of [[-0.04, 0], [0.04, 0.08]]) {
      pen.lineDashOffset = phase;
      pen.setLineDash([0.08, 0.08]);
      pen.beginPath();
      pen.moveTo(ax + shift * Math.cos(along), ay + shift * Math.sin(along));
      pen.lineTo(bx + shift * Math.cos(along), by + shift * Math.sin(along));
      pen.stroke();
    }
    pen.lineDashOffset = 0;
    pen.setLineDash([]);
    // The driving direction: three chevrons after the start.
    const width = Math.hypot(ax - bx, ay - by);
    pen.save();
    pen.translate(0.5 * (ax + bx), 0.5 * (ay + by));
    pen.rotate(along);
    pen.lineWidth = 0.07;
    pen.globalAlpha = 0.55;
    pen.strokeStyle = this.colours.border;
    pen.beginPath();
    for (const at of [0.45, 0.68, 0.91]) {
      pen.moveTo(at, 0.16 * width);
      pen.lineTo(at + 0.16 * width, 0);
      pen.lineTo(at, -0.16 * width);
    }
    pen.stroke();
    pen.restore();
  }

  /** Light under the car in front, which may be as dark as the road. */
  _halo(pen, { x, y }, size) {
    pen.fillStyle = this.colours.car;
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.arc(x, y, 0.66 * CAR_LENGTH * size, 0, 2 * Math.PI);
    pen.fill();
    pen.globalAlpha = 1;
  }

  _trail(pen, car, scale) {
    const trail = car.trail, pieces = 5;
    if (trail.length < 2) return;
    pen.strokeStyle = this.colours.car;
    pen.lineWidth = 2.4 / scale;
    pen.lineCap = "butt";
    pen.lineJoin = "round";
    for (let piece = 0; piece < pieces; piece++) {
      const first = Math.floor((piece * (trail.length - 1)) / pieces);
      const last = Math.floor(((piece + 1) * (trail.length - 1)) / pieces);
      pen.globalAlpha = (0.75 * (piece + 1)) / pieces;
      pen.beginPath();
      for (let row = first; row <= last; row++) {
        if (row === first || !trail[row]) {
          if (trail[row]) pen.moveTo(...trail[row]);
        } else if (trail[row - 1]) pen.lineTo(...trail[row]);
        else pen.moveTo(...trail[row]);
      }
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  _redraw() {
    this.stale = true;
    this.canvas.style.touchAction = this.zoom > 1 ? "none" : "pan-y";
    this.changed();
  }

  _listen() {
    const canvas = this.canvas, options = { signal: this.abort.signal };
    const fingers = new Map();
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (this.view !== "above") return;
        event.preventDefault();
        this.zoomBy(Math.exp(-event.deltaY * 0.0016), event.offsetX, event.offsetY);
      },
      { ...options, passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.view === "above" && this.zoom > 1) canvas.setPointerCapture(event.pointerId);
    }, options);
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before || this.view !== "above") return;
      const now = [event.clientX, event.clientY], box = canvas.getBoundingClientRect();
      if (fingers.size === 2) {
        const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
        const spread = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
        this.zoomBy(
          spread(now) / spread(before), 0.5 * (now[0] + other[0]) - box.left, 0.5 * (now[1] + other[1]) - box.top,
        );
      } else if (this.zoom > 1) {
        const scale = this._scale();
        this.follow = false;
        this.centre = [
          this.centre[0] - (now[0] - before[0]) / scale, this.centre[1] + (now[1] - before[1]) / scale,
        ];
        this._redraw();
      }
      fingers.set(event.pointerId, now);
    }, options);
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      canvas.addEventListener(end, (event) => fingers.delete(event.pointerId), options);
    }
    canvas.addEventListener("dblclick", () => this.fit(), options);
  }
}

function roadPath(shape) {
  const path = new Path2D();
  const rings = shape.closed ? [shape.outer, shape.inner] : [shape.outer.concat([...shape.inner].reverse())];
  for (const ring of rings) {
    ring.forEach(([x, y], row) => (row ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  return path;
}

function linesPath(lines, closed) {
  const path = new Path2D();
  for (const line of lines) {
    line.forEach(([x, y], row) => (row ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (closed) path.closePath();
  }
  return path;
}
