// A track drawn by dragging points: the road through them comes from the server, with what is wrong with it.
//
// options: {points: [[x, y] …] in m, width, most: number of points, words}. Emits "change" {points, width, number} while
// something is moved; the page answers with show({number, shape, faults: [{message, place}]}).
import { fitCanvas, onThemeChange, palette } from "./theme.js";
import { icon, make } from "./stage.js";

const ICONS = {
  undo: '<path d="M9 7H4V2"/><path d="M4 7c3-4 9-5 13-1s3 10-1 13-9 2-11-1"/>',
  redo: '<path d="M15 7h5V2"/><path d="M20 7c-3-4-9-5-13-1S4 16 8 19s9 2 11-1"/>',
  remove: '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"/>',
  start: '<path d="M6 21V4m0 0h11l-3 4 3 4H6"/>',
  turn: '<path d="M17 3l4 4-4 4M21 7H9a6 6 0 0 0 0 12h3"/>',
};
const REACH = 22; // CSS pixels around a point in which it is grabbed
const MOST_STEPS = 200;

class TrackEditor {
  constructor(root, options, emit) {
    this.emit = emit;
    this.words = options.words;
    this.most = options.most;
    this.points = options.points.map((point) => [...point]);
    this.width = options.width;
    this.past = [];
    this.future = [];
    this.number = 0;
    this.chosen = -1;
    this.faults = [];
    this.colours = palette();
    root.classList.add("te");
    this.canvas = make("canvas.te-canvas", { tabindex: "0", role: "application", "aria-label": this.words.canvas });
    const tool = (name, label, action) =>
      make("button.st-tool", { type: "button", title: label, "aria-label": label, html: icon(ICONS[name] ?? name), onclick: action });
    this.tools = {
      undo: tool("undo", this.words.undo, () => this.undo()),
      redo: tool("redo", this.words.redo, () => this.redo()),
      remove: tool("remove", this.words.remove, () => this.remove()),
      start: tool("start", this.words.start, () => this.beginHere()),
      turn: tool("turn", this.words.turn, () => this.turnRound()),
      plus: tool("plus", this.words.zoom_in, () => this.zoomBy(1.3)),
      minus: tool("minus", this.words.zoom_out, () => this.zoomBy(1 / 1.3)),
      fit: tool("fit", this.words.fit, () => this.fit()),
    };
    const { undo, redo, remove, start, turn, plus, minus, fit } = this.tools;
    root.append(
      this.canvas,
      make("div.te-tools", {}, make("div.st-group", {}, undo, redo), make("div.st-group", {}, start, turn, remove), make("div.st-group", {}, plus, minus, fit)),
    );
    this.abort = new AbortController();
    this._listen();
    this.resizes = new ResizeObserver(() => (this.view ? this._draw() : this.fit()));
    this.resizes.observe(this.canvas);
    this.endTheme = onThemeChange(() => {
      this.colours = palette();
      this._draw();
    });
    this._tell();
  }

  destroy() {
    this.abort.abort();
    this.resizes.disconnect();
    this.endTheme();
  }

  /** Show the road that the server made of the points. */
  show({ number, shape, faults }) {
    if (number < (this.shown ?? 0)) return;
    this.shown = number;
    this.shape = shape;
    this.faults = faults;
    this._draw();
  }

  setWidth(width) {
    if (width === this.width) return;
    this._remember("width");
    this.width = width;
    this._changed();
  }

  undo() {
    this._swap(this.past, this.future);
  }

  redo() {
    this._swap(this.future, this.past);
  }

  /** Take the chosen point away. */
  remove() {
    if (this.chosen < 0 || this.points.length <= 4) return;
    this._remember();
    this.points.splice(this.chosen, 1);
    this.chosen = -1;
    this._changed();
  }

  /** Let the lap begin at the chosen point. */
  beginHere() {
    if (this.chosen <= 0) return;
    this._remember();
    this.points = [...this.points.slice(this.chosen), ...this.points.slice(0, this.chosen)];
    this.chosen = 0;
    this._changed();
  }

  /** Drive the other way round, from the same start. */
  turnRound() {
    this._remember();
    this.points = [this.points[0], ...this.points.slice(1).reverse()];
    this.chosen = -1;
    this._changed();
  }

  zoomBy(factor, x = 0.5 * this.canvas.clientWidth, y = 0.5 * this.canvas.clientHeight) {
    const [wx, wy] = this._world(x, y);
    this.view.scale = Math.min(Math.max(this.view.scale * factor, 6), 400);
    this.view.x = wx - (x - 0.5 * this.canvas.clientWidth) / this.view.scale;
    this.view.y = wy + (y - 0.5 * this.canvas.clientHeight) / this.view.scale;
    this._draw();
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    const [xs, ys] = [0, 1].map((axis) => this.points.map((point) => point[axis]));
    const low = [Math.min(...xs), Math.min(...ys)], high = [Math.max(...xs), Math.max(...ys)];
    const room = 1.4 + this.width;
    const scale = Math.min(width / (high[0] - low[0] + 2 * room), height / (high[1] - low[1] + 2 * room));
    this.view = { scale, x: 0.5 * (low[0] + high[0]), y: 0.5 * (low[1] + high[1]) };
    this._draw();
  }

  _state() {
    return { points: this.points.map((point) => [...point]), width: this.width };
  }

  /** Keep what is there now for undo; changes of one kind in a row are one step. */
  _remember(kind = null) {
    if (kind && kind === this.lastKind && Date.now() - this.lastTime < 800) {
      this.lastTime = Date.now();
      return;
    }
    this.lastKind = kind;
    this.lastTime = Date.now();
    this.past.push(this._state());
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
  }

  _swap(from, to) {
    if (!from.length) return;
    to.push(this._state());
    Object.assign(this, from.pop());
    this.chosen = -1;
    this.lastKind = null;
    this._changed();
  }

  _changed() {
    this._draw();
    this.waiting ??= setTimeout(() => this._tell(), 30);
  }

  _tell() {
    clearTimeout(this.waiting);
    this.waiting = null;
    const points = this.points.map((point) => point.map((value) => Number(value.toFixed(3))));
    this.emit("change", { number: ++this.number, points, width: this.width });
    this._buttons();
  }

  _buttons() {
    this.tools.undo.disabled = !this.past.length;
    this.tools.redo.disabled = !this.future.length;
    this.tools.remove.disabled = this.chosen < 0 || this.points.length <= 4;
    this.tools.start.disabled = this.chosen <= 0;
  }

  _screen([x, y]) {
    const { scale } = this.view;
    return [0.5 * this.canvas.clientWidth + (x - this.view.x) * scale, 0.5 * this.canvas.clientHeight - (y - this.view.y) * scale];
  }

  _world(x, y) {
    const { scale } = this.view;
    return [this.view.x + (x - 0.5 * this.canvas.clientWidth) / scale, this.view.y - (y - 0.5 * this.canvas.clientHeight) / scale];
  }

  _pointAt(x, y) {
    const away = this.points.map((point) => {
      const [px, py] = this._screen(point);
      return Math.hypot(px - x, py - y);
    });
    const nearest = away.indexOf(Math.min(...away));
    return away[nearest] <= REACH ? nearest : -1;
  }

  /** A new point on the centre line near a place of the screen; returns its index or -1. */
  _insertAt(x, y) {
    if (!this.shape || this.points.length >= this.most) return -1;
    const line = this.shape.centre, along = this.points.map((point) => nearestRow(line, point));
    along[0] = 0;
    const row = nearestRow(line, this._world(x, y)), [px, py] = this._screen(line[row]);
    if (Math.hypot(px - x, py - y) > Math.max(0.5 * this.width * this.view.scale, REACH)) return -1;
    let after = along.length - 1;
    for (let k = 0; k + 1 < along.length; k++) if (row >= along[k] && row < along[k + 1]) after = k;
    this._remember();
    this.points.splice(after + 1, 0, [...line[row]]);
    return after + 1;
  }

  _listen() {
    const canvas = this.canvas, options = { signal: this.abort.signal };
    const fingers = new Map();
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
      if (fingers.size > 1) return (this.dragged = -1);
      this.dragged = this._pointAt(event.offsetX, event.offsetY);
      this.started = false;
      if (this.dragged < 0) {
        this.dragged = this._insertAt(event.offsetX, event.offsetY);
        this.started = this.dragged >= 0;
      }
      this.chosen = this.dragged;
      this._changed();
    }, options);
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId), now = [event.offsetX, event.offsetY];
      if (!before) {
        canvas.style.cursor = this._pointAt(...now) >= 0 ? "grab" : "default";
        return;
      }
      fingers.set(event.pointerId, now);
      if (fingers.size === 2) {
        const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
        const spread = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
        return this.zoomBy(spread(now) / spread(before), 0.5 * (now[0] + other[0]), 0.5 * (now[1] + other[1]));
      }
      if (this.dragged >= 0) {
        if (!this.started) this._remember();
        this.started = true;
        this.points[this.dragged] = this._world(...now);
        this._changed();
      } else {
        this.view.x -= (now[0] - before[0]) / this.view.scale;
        this.view.y += (now[1] - before[1]) / this.view.scale;
        this._draw();
      }
    }, options);
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        fingers.delete(event.pointerId);
        this.dragged = -1;
        this._tell();
      }, options);
    }
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY * 0.0016), event.offsetX, event.offsetY);
    }, { ...options, passive: false });
    canvas.addEventListener("keydown", (event) => this._key(event), options);
  }

  _key(event) {
    const control = event.ctrlKey || event.metaKey;
    const step = event.shiftKey ? 0.5 : 0.05;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (control && event.key.toLowerCase() === "z") event.shiftKey ? this.redo() : this.undo();
    else if (control && event.key.toLowerCase() === "y") this.redo();
    else if (event.key === "Delete" || event.key === "Backspace") this.remove();
    else if (moves[event.key] && this.chosen >= 0) {
      this._remember(`move ${this.chosen}`);
      this.points[this.chosen] = this.points[this.chosen].map((value, axis) => value + moves[event.key][axis]);
      this._changed();
    } else if (event.key === "n") {
      this.chosen = (this.chosen + 1) % this.points.length;
      this._changed();
    } else return;
    event.preventDefault();
  }

  _draw() {
    const { width, height, ratio } = fitCanvas(this.canvas);
    if (!width || !height || !this.view) return;
    const pen = this.canvas.getContext("2d"), colours = this.colours, { scale } = this.view;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = colours.field;
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(scale * ratio, 0, 0, -scale * ratio, (0.5 * width - this.view.x * scale) * ratio, (0.5 * height + this.view.y * scale) * ratio);
    pen.lineJoin = "round";
    this._grid(pen, width, height);
    if (this.shape) this._road(pen);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const { place } of this.faults) if (place) this._fault(pen, this._screen(place));
    this.points.forEach((point, index) => this._point(pen, this._screen(point), index));
    this._rule(pen, width, height);
    this._buttons();
  }

  _grid(pen, width, height) {
    const [left, top] = this._world(0, 0), [right, bottom] = this._world(width, height);
    const step = this.view.scale < 16 ? 5 : 1;
    pen.strokeStyle = this.colours.ink3;
    pen.globalAlpha = 0.16;
    pen.lineWidth = 1 / this.view.scale;
    pen.beginPath();
    for (let x = Math.ceil(left / step) * step; x <= right; x += step) {
      pen.moveTo(x, bottom);
      pen.lineTo(x, top);
    }
    for (let y = Math.ceil(bottom / step) * step; y <= top; y += step) {
      pen.moveTo(left, y);
      pen.lineTo(right, y);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  _road(pen) {
    const { inner, outer, centre } = this.shape, colours = this.colours;
    const trace = (line) => {
      pen.beginPath();
      line.forEach((point, row) => (row ? pen.lineTo(...point) : pen.moveTo(...point)));
      pen.closePath();
    };
    // A thick line, not a ring: it stays a road where it crosses itself.
    trace(centre);
    pen.strokeStyle = this.faults.length ? colours.bad : colours.border;
    pen.lineWidth = this.width + 0.1;
    pen.stroke();
    pen.strokeStyle = colours.road;
    pen.lineWidth = Math.max(this.width - 0.02, 0.05);
    pen.stroke();
    pen.strokeStyle = colours.centre;
    pen.lineWidth = 0.04;
    pen.setLineDash([0.22, 0.22]);
    pen.stroke();
    pen.setLineDash([]);
    pen.strokeStyle = colours.border;
    pen.lineWidth = 0.14;
    pen.beginPath();
    pen.moveTo(...inner[0]);
    pen.lineTo(...outer[0]);
    pen.stroke();
    pen.save();
    pen.translate(...centre[0]);
    pen.rotate(Math.atan2(centre[1][1] - centre[0][1], centre[1][0] - centre[0][0]));
    pen.fillStyle = colours.car;
    pen.beginPath();
    pen.moveTo(0.3 * this.width + 0.55, 0);
    pen.lineTo(0.3 * this.width + 0.15, 0.24 * this.width);
    pen.lineTo(0.3 * this.width + 0.15, -0.24 * this.width);
    pen.fill();
    pen.restore();
  }

  _point(pen, [x, y], index) {
    const chosen = index === this.chosen;
    pen.beginPath();
    pen.arc(x, y, chosen ? 9.5 : 7, 0, 2 * Math.PI);
    pen.fillStyle = index === 0 ? this.colours.car : chosen ? this.colours.accent : "#ffffff";
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = chosen ? "#ffffff" : "#1c222a";
    pen.stroke();
  }

  _fault(pen, [x, y]) {
    pen.beginPath();
    pen.arc(x, y, 24, 0, 2 * Math.PI);
    pen.fillStyle = this.colours.bad;
    pen.globalAlpha = 0.28;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 2.5;
    pen.strokeStyle = this.colours.bad;
    pen.stroke();
  }

  /** A bar of a round number of metres. */
  _rule(pen, width, height) {
    const metres = [0.5, 1, 2, 5, 10, 20].find((length) => length * this.view.scale > 60) ?? 50;
    const long = metres * this.view.scale;
    pen.strokeStyle = pen.fillStyle = this.colours.ink2;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(width - 18 - long, height - 24);
    pen.lineTo(width - 18 - long, height - 18);
    pen.lineTo(width - 18, height - 18);
    pen.lineTo(width - 18, height - 24);
    pen.stroke();
    pen.font = `500 12.5px ${this.colours.font}`;
    pen.textAlign = "center";
    pen.fillText(`${metres} m`, width - 18 - 0.5 * long, height - 25);
  }
}

function nearestRow(line, [x, y]) {
  let best = Infinity, found = 0;
  line.forEach(([px, py], row) => {
    const away = Math.hypot(px - x, py - y);
    if (away < best) [best, found] = [away, row];
  });
  return found;
}

/** Open the editor in an element. */
export function mount(element, options, emit) {
  return new TrackEditor(element, options, emit);
}
