// The reward graph of a training: mean reward of each iteration on the left axis, completion in training and in
// evaluation on the right one, and which iteration is the best model.
import { listen } from "./feed.js";
import { fitCanvas, onThemeChange, palette } from "./theme.js";

const MOST_POINTS = 400; // more are averaged, a screen has no room for them
const REWARD = 1, PROGRESS = 2, EVALUATION = 3;

export function mount(root, options, emit) {
  return new RewardGraph(root, options, emit);
}

class RewardGraph {
  /** @param options {feed (address), words}. */
  constructor(root, options) {
    this.words = options.words;
    this.curve = { points: [], best: null };
    this.hidden = new Set();
    this.root = root;
    root.classList.add("rg");
    this.legend = document.createElement("div");
    this.legend.className = "rg-legend";
    this.canvas = document.createElement("canvas");
    this.canvas.className = "rg-canvas";
    this.canvas.setAttribute("role", "img");
    this.tip = document.createElement("div");
    this.tip.className = "rg-tip";
    this.tip.hidden = true;
    this.box = document.createElement("div");
    this.box.className = "rg-box";
    this.box.append(this.canvas, this.tip);
    root.append(this.legend, this.box);
    this._makeLegend();
    this.canvas.addEventListener("pointermove", (event) => this._hover(event.offsetX));
    this.canvas.addEventListener("pointerleave", () => this._hover(null));
    this.endTheme = onThemeChange(() => this._draw());
    this.resizes = new ResizeObserver(() => this._draw());
    this.resizes.observe(this.canvas);
    this.end = listen(options.feed, {
      curve: (curve) => {
        this.curve = curve;
        this._draw();
      },
    });
    this._draw();
  }

  destroy() {
    this.end();
    this.endTheme();
    this.resizes.disconnect();
  }

  _series() {
    return [
      { column: REWARD, name: this.words.reward, colour: "series2", width: 2 },
      { column: PROGRESS, name: this.words.progress, colour: "series3", width: 2 },
      { column: EVALUATION, name: this.words.evaluation, colour: "series1", width: 2.4 },
    ];
  }

  _makeLegend() {
    for (const { column, name, colour } of this._series()) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "rg-key";
      button.setAttribute("aria-pressed", "true");
      button.style.setProperty("--key", `var(--series-${colour.slice(-1)})`);
      button.append(name);
      button.addEventListener("click", () => {
        this.hidden.has(column) ? this.hidden.delete(column) : this.hidden.add(column);
        button.setAttribute("aria-pressed", String(!this.hidden.has(column)));
        this._draw();
      });
      this.legend.append(button);
    }
    const best = document.createElement("span");
    best.className = "rg-best";
    best.append(this.words.best);
    this.legend.append(best);
  }

  _draw() {
    const { width, height, ratio } = fitCanvas(this.canvas);
    if (!width) return;
    const pen = this.canvas.getContext("2d"), colours = palette();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `12px ${colours.font}`;
    const points = thinned(this.curve.points);
    this.canvas.dataset.points = this.curve.points.length;
    this.canvas.setAttribute("aria-label", this._summary());
    const rewards = points.map((point) => point[REWARD]).filter((value) => value !== null);
    const axis = niceAxis(Math.min(0, ...rewards), Math.max(1, ...rewards));
    const left = 16 + Math.max(...axis.ticks.map((tick) => pen.measureText(shown(tick)).width)), right = width - 46;
    const top = 22, bottom = height - 30;
    const last = Math.max(points.at(-1)?.[0] ?? 0, 5), first = Math.min(points[0]?.[0] ?? 1, 1);
    const x = (iteration) => left + ((iteration - first) / Math.max(last - first, 1)) * (right - left);
    const reward = (value) => bottom - ((value - axis.low) / (axis.high - axis.low)) * (bottom - top);
    const percent = (value) => bottom - (value / 100) * (bottom - top);
    this.place = { points, x, left, right, top, bottom };
    this._axes(pen, colours, axis, { reward, percent, x, left, right, top, bottom, first, last });
    this._bestMark(pen, colours, points, x, top, bottom);
    for (const { column, colour, width: line } of this._series()) {
      if (this.hidden.has(column)) continue;
      const y = column === REWARD ? reward : percent;
      const known = points.filter((point) => point[column] !== null);
      pen.strokeStyle = pen.fillStyle = colours[colour];
      pen.lineWidth = line;
      pen.lineJoin = "round";
      pen.beginPath();
      known.forEach((point, k) => (k ? pen.lineTo(x(point[0]), y(point[column])) : pen.moveTo(x(point[0]), y(point[column]))));
      pen.stroke();
      if (known.length < 60) {
        for (const point of known) {
          pen.beginPath();
          pen.arc(x(point[0]), y(point[column]), 2.6, 0, 2 * Math.PI);
          pen.fill();
        }
      }
    }
    if (this.hovered) this._cross(pen, colours, this.hovered, { reward, percent, x, top, bottom });
    if (!points.length) {
      pen.fillStyle = colours.ink3;
      pen.textAlign = "center";
      pen.font = `14px ${colours.font}`;
      pen.fillText(this.words.nothing, 0.5 * (left + right), 0.5 * (top + bottom));
    }
  }

  _axes(pen, colours, axis, { reward, percent, x, left, right, top, bottom, first, last }) {
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.fillStyle = colours.ink3;
    pen.textBaseline = "middle";
    for (const tick of axis.ticks) {
      const y = Math.round(reward(tick)) + 0.5;
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(right, y);
      pen.stroke();
      pen.textAlign = "right";
      pen.fillText(shown(tick), left - 8, y);
    }
    pen.textAlign = "left";
    for (const tick of [0, 25, 50, 75, 100]) pen.fillText(`${tick} %`, right + 8, percent(tick));
    pen.textBaseline = "alphabetic";
    pen.textAlign = "left";
    pen.fillText(this.words.reward_axis, 0, 10);
    pen.textAlign = "right";
    pen.fillText(this.words.progress_axis, right + 46, 10);
    const step = niceStep((last - first) / Math.max(2, (right - left) / 90));
    pen.textAlign = "center";
    const one = Math.max(1, step);
    for (let tick = Math.ceil(first / one) * one; tick <= last; tick += one) {
      if (right - x(tick) > 70 || tick === last) pen.fillText(String(tick), x(tick), bottom + 16);
    }
    pen.textAlign = "right";
    pen.fillText(this.words.iteration, right, bottom + 28);
  }

  _bestMark(pen, colours, points, x, top, bottom) {
    const { best } = this.curve;
    if (!best || !points.length) return;
    const at = x(best);
    pen.strokeStyle = pen.fillStyle = colours.accent;
    pen.lineWidth = 1.4;
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(at, top);
    pen.lineTo(at, bottom);
    pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    for (let corner = 0; corner < 10; corner++) {
      const radius = corner % 2 ? 2.6 : 6.4, angle = (Math.PI * corner) / 5 - Math.PI / 2;
      pen.lineTo(at + radius * Math.cos(angle), top - 5 + radius * Math.sin(angle));
    }
    pen.fill();
  }

  _cross(pen, colours, point, { reward, percent, x, top, bottom }) {
    pen.strokeStyle = colours.lineStrong;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x(point[0]), top);
    pen.lineTo(x(point[0]), bottom);
    pen.stroke();
    for (const { column, colour } of this._series()) {
      if (point[column] === null || this.hidden.has(column)) continue;
      pen.fillStyle = colours[colour];
      pen.strokeStyle = colours.surface;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(x(point[0]), (column === REWARD ? reward : percent)(point[column]), 4.5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
  }

  _hover(offset) {
    const { points, x, left, right } = this.place ?? { points: [] };
    this.hovered = offset === null || !points.length || offset < left - 12 || offset > right + 12 ? null
      : points.reduce((near, point) => (Math.abs(x(point[0]) - offset) < Math.abs(x(near[0]) - offset) ? point : near));
    this.tip.hidden = !this.hovered;
    if (this.hovered) {
      const point = this.hovered;
      const rows = this._series().map(({ column, name, colour }) => {
        const row = document.createElement("div");
        row.className = "rg-tip__row";
        row.style.setProperty("--key", `var(--series-${colour.slice(-1)})`);
        const value = document.createElement("b");
        value.textContent = point[column] === null ? "–" : column === REWARD ? shown(point[column]) : `${Math.round(point[column])} %`;
        row.append(name, value);
        return row;
      });
      const title = document.createElement("div");
      title.className = "rg-tip__title";
      title.textContent = `${this.words.iteration} ${Math.round(point[0])}`;
      this.tip.replaceChildren(title, ...rows);
      const at = x(point[0]), room = this.tip.offsetWidth + 16;
      this.tip.style.left = `${at + room > this.canvas.clientWidth ? at - room : at + 16}px`;
    }
    this._draw();
  }

  _summary() {
    const last = this.curve.points.at(-1);
    if (!last) return this.words.nothing;
    return `${this.words.iteration} ${last[0]}. ${this._series()
      .filter(({ column }) => last[column] !== null)
      .map(({ column, name }) => `${name} ${Math.round(last[column])}`)
      .join(", ")}`;
  }
}

/** The points, or means of neighbours where there are very many. */
function thinned(points) {
  if (points.length <= MOST_POINTS) return points;
  const size = Math.ceil(points.length / MOST_POINTS), means = [];
  for (let first = 0; first < points.length; first += size) {
    const group = points.slice(first, first + size);
    means.push([0, 1, 2, 3].map((column) => {
      const known = group.map((point) => point[column]).filter((value) => value !== null);
      return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
    }));
  }
  return means;
}

function niceStep(step) {
  const power = 10 ** Math.floor(Math.log10(Math.max(step, 1e-9)));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= step * 0.999) ?? 10);
}

function niceAxis(low, high) {
  const step = niceStep((high - low) / 4), ticks = [];
  const from = Math.floor(low / step) * step, to = Math.ceil(high / step - 1e-9) * step;
  for (let tick = from; tick <= to + 0.5 * step; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return { low: from, high: to, ticks };
}

function shown(value) {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 0.01)) return value.toExponential(1);
  return String(Number(value.toFixed(size < 1 ? 2 : size < 100 ? 1 : 0)));
}
