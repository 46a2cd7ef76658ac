// The action space as a fan of steering angles and speeds: ranges with arrows to drag, or a list of actions.
//
// options: {mode: "continuous" | "discrete", space, limits: {steering_angle: [low, high], speed: [low, high]}, words}.
// A continuous space is {steering_angle: {low, high}, speed: {low, high}}, a discrete one a list of
// {steering_angle, speed}; degrees, left positive, and m/s. Emits "change" (the ranges) while an arrow is dragged,
// and "choose" (index) when an action is clicked.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640, HEIGHT = 366, X = 320, Y = 312, RADIUS = 262;
const SPREAD = 2.45; // degrees on the screen for a degree of steering: 60 real ones fill the fan
const STEPS = { steering_angle: 1, speed: 0.1 };

function make(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const tidy = (value, step) => Number((Math.round(value / step) * step).toFixed(4));

class SectorGraph {
  constructor(root, options, emit) {
    this.options = options;
    this.words = options.words;
    this.emit = emit;
    this.space = options.space;
    this.chosen = -1;
    this.svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sg", role: "group", "aria-label": this.words.graph });
    root.append(this.svg);
    this._draw();
  }

  destroy() {
    this.svg.remove();
  }

  /** Show another space of the same mode. */
  set(space) {
    this.space = space;
    if (this.dragging) return;
    this._draw();
  }

  /** Show a space of another mode. */
  change(mode, space) {
    this.options = { ...this.options, mode };
    this.chosen = -1;
    this.set(space);
  }

  /** Mark an action of the list; -1 for none. */
  choose(index) {
    this.chosen = index;
    this._draw();
  }

  _fastest() {
    const { mode } = this.options;
    const top = mode === "continuous" ? this.space.speed.high : Math.max(0, ...this.space.map((action) => action.speed));
    return [1, 2, 4, 6, 8, 12, 16].find((speed) => speed >= (Number.isFinite(top) ? top : 4) - 1e-9) ?? 16;
  }

  _place(angle, speed) {
    const turn = (angle * SPREAD * Math.PI) / 180, reach = (speed / this.scale) * RADIUS;
    return [X - reach * Math.sin(turn), Y - reach * Math.cos(turn)];
  }

  _arc(speed, from, to) {
    const [ax, ay] = this._place(from, speed), [bx, by] = this._place(to, speed);
    const reach = (speed / this.scale) * RADIUS;
    return `M${ax} ${ay}A${reach} ${reach} 0 0 1 ${bx} ${by}`;
  }

  _draw() {
    const focus = this.svg.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    if (!this.dragging) this.scale = this._fastest();
    this.svg.replaceChildren(this._grid());
    if (this.options.mode === "continuous") this._ranges();
    else this._actions();
    this.svg.append(this._car());
    this._giveWay();
    if (focus) this.svg.querySelector(`[data-key="${focus}"]`)?.focus();
  }

  /** Numbers of the grid that a handle or its value would cover are left out. */
  _giveWay() {
    const covers = [...this.svg.querySelectorAll(".sg-knob, .sg-value")].map((it) => it.getBoundingClientRect());
    for (const text of this.svg.querySelectorAll(".sg-grid text")) {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const isCovered = covers.some((box) => left < box.right && box.left < right && top < box.bottom && box.top < bottom);
      if (isCovered) text.remove();
    }
  }

  _grid() {
    const grid = make("g", { class: "sg-grid", "aria-hidden": "true" });
    const step = this.scale <= 2 ? 0.5 : this.scale <= 4 ? 1 : 2;
    for (let speed = step; speed <= this.scale + 1e-9; speed += step) {
      grid.append(make("path", { d: this._arc(speed, 30, -30), fill: "none" }));
      const [x, y] = this._place(-30, speed);
      const unit = speed + step > this.scale + 1e-9 ? " m/s" : "";
      grid.append(make("text", { x: x + 4 + (unit ? 12 : 0), y: y + 19, "text-anchor": "middle" }, `${speed}${unit}`));
    }
    for (let angle = -30; angle <= 30; angle += 10) {
      const [x, y] = this._place(angle, this.scale), [tx, ty] = this._place(angle, this.scale * 1.065);
      grid.append(make("line", { x1: X, y1: Y, x2: x, y2: y }));
      const anchor = angle > 5 ? "end" : angle < -5 ? "start" : "middle";
      grid.append(make("text", { x: tx, y: ty + 4, "text-anchor": anchor }, `${Math.abs(angle)}°`));
    }
    grid.append(make("text", { x: 14, y: 24 }, `← ${this.words.left}`));
    grid.append(make("text", { x: WIDTH - 14, y: 24, "text-anchor": "end" }, `${this.words.right} →`));
    return grid;
  }

  _car() {
    const car = make("g", { class: "sg-car", transform: `translate(${X} ${Y + 22})`, "aria-hidden": "true" });
    for (const [x, y] of [[-15, -15], [15, -15], [-15, 14], [15, 14]]) {
      car.append(make("rect", { x: x - 4, y: y - 8, width: 8, height: 16, rx: 2.5, class: "sg-tyre" }));
    }
    car.append(make("path", { d: "M-11 22V-8Q-9 -24 -4 -27H4Q9 -24 11 -8V22Z", class: "sg-body" }));
    car.append(make("path", { d: "M-6 -6L0 -11L6 -6L8 10H-8Z", class: "sg-glass" }));
    return car;
  }

  _ranges() {
    const { steering_angle: steering, speed } = this.space, { limits } = this.options;
    const ends = [steering.low, steering.high, speed.low, speed.high];
    if (!ends.every(Number.isFinite)) return;
    const left = clamp(steering.high, -36, 36), right = clamp(steering.low, -36, 36);
    const [ax, ay] = this._place(left, speed.high), [cx, cy] = this._place(right, speed.low);
    const far = (speed.high / this.scale) * RADIUS, near = (speed.low / this.scale) * RADIUS;
    const [bx, by] = this._place(right, speed.high), [dx, dy] = this._place(left, speed.low);
    this.svg.append(make("path", {
      class: "sg-sector",
      d: `M${ax} ${ay}A${far} ${far} 0 0 1 ${bx} ${by}L${cx} ${cy}A${near} ${near} 0 0 0 ${dx} ${dy}Z`,
    }));
    const middle = 0.5 * (left + right), half = 0.56 * speed.high + 0.44 * speed.low;
    this._handle("steering_angle", "high", left, half, this.words.steering_left, `${steering.high}°`, limits.steering_angle);
    this._handle("steering_angle", "low", right, half, this.words.steering_right, `${steering.low}°`, limits.steering_angle);
    this._handle("speed", "high", middle, speed.high, this.words.speed_high, `${speed.high} m/s`, limits.speed);
    this._handle("speed", "low", middle, speed.low, this.words.speed_low, `${speed.low} m/s`, limits.speed);
  }

  /** An arrow that is dragged, or moved with the arrow keys. */
  _handle(name, end, angle, speed, label, text, limits) {
    const [x, y] = this._place(angle, speed);
    const turn = -angle * SPREAD + (name === "speed" ? 0 : 90);
    const value = this.space[name][end];
    const handle = make(
      "g", {
        class: "sg-handle", tabindex: "0", role: "slider", "aria-label": label, "aria-valuenow": value,
        "aria-valuetext": text, "aria-valuemin": limits[0], "aria-valuemax": limits[1],
        transform: `translate(${x} ${y})`, "data-key": `${name}-${end}`,
      },
      make("circle", { r: 26, class: "sg-reach" }),
      make("circle", { r: 15, class: "sg-knob" }),
      make("path", { d: "M0 -8L4.5 -2.8H-4.5ZM0 8L4.5 2.8H-4.5Z", class: "sg-arrows", transform: `rotate(${turn})` }),
    );
    handle.addEventListener("pointerdown", (event) => this._grab(event, name, end));
    handle.addEventListener("keydown", (event) => this._key(event, name, end));
    this.svg.append(handle);
    const [ox, oy] = { steering_angle: [end === "high" ? -30 : 30, 5], speed: [0, end === "high" ? -24 : 34] }[name];
    const anchor = name === "speed" ? "middle" : end === "high" ? "end" : "start";
    this.svg.append(make("text", { x: x + ox, y: y + oy, class: "sg-value", "text-anchor": anchor, "aria-hidden": "true" }, text));
  }

  _grab(event, name, end) {
    event.preventDefault();
    event.currentTarget.focus();
    this.dragging = true;
    this.svg.setPointerCapture(event.pointerId);
    const abort = new AbortController(), options = { signal: abort.signal };
    this.svg.addEventListener("pointermove", (moved) => {
      const place = new DOMPoint(moved.clientX, moved.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      const value = name === "speed"
        ? (Math.hypot(place.x - X, Y - place.y) / RADIUS) * this.scale
        : ((Math.atan2(X - place.x, Y - place.y) * 180) / Math.PI) / SPREAD;
      this._move(name, end, value);
    }, options);
    for (const kind of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(kind, () => {
        abort.abort();
        this.dragging = false;
        this._draw();
        this._tell();
      }, options);
    }
  }

  _key(event, name, end) {
    const sign = { ArrowUp: 1, ArrowRight: name === "speed" ? 1 : -1, ArrowDown: -1, ArrowLeft: name === "speed" ? -1 : 1 }[event.key];
    if (!sign) return;
    event.preventDefault();
    this._move(name, end, this.space[name][end] + sign * STEPS[name]);
    this._tell();
  }

  /** Set one end of a range, between its limit and the other end. */
  _move(name, end, value) {
    const [low, high] = this.options.limits[name], step = STEPS[name], range = this.space[name];
    const bounds = end === "high" ? [range.low + step, high] : [low, range.high - step];
    const changed = tidy(clamp(value, ...bounds), step);
    if (changed === range[end]) return;
    this.space = { ...this.space, [name]: { ...range, [end]: changed } };
    this._draw();
    this.untold ??= setTimeout(() => this._tell(), 60);
  }

  _tell() {
    clearTimeout(this.untold);
    this.untold = null;
    this.emit("change", this.space);
  }

  _actions() {
    this.space.forEach(({ steering_angle: angle, speed }, index) => {
      if (!Number.isFinite(angle) || !Number.isFinite(speed) || speed <= 0) return;
      const [x, y] = this._place(clamp(angle, -36, 36), speed);
      const arrow = make(
        "g", { class: index === this.chosen ? "sg-action is-chosen" : "sg-action", "data-index": index },
        make("line", { x1: X, y1: Y, x2: x, y2: y }),
        make("circle", { cx: x, cy: y, r: 14, class: "sg-reach" }),
        make("circle", { cx: x, cy: y, r: index === this.chosen ? 8 : 5.5, class: "sg-dot" }),
        make("title", {}, `${index}: ${angle}°, ${speed} m/s`),
      );
      arrow.addEventListener("click", () => {
        this.choose(index);
        this.emit("choose", index);
      });
      this.svg.append(arrow);
    });
    const chosen = this.svg.querySelector(".is-chosen");
    if (chosen) this.svg.append(chosen);
  }
}

/** Draw the graph in an element. */
export function mount(element, options, emit) {
  return new SectorGraph(element, options, emit);
}
