// Drives from their traces, at any time after: play, pause, scrub, another speed, and a ghost to race against.
import { clock, driveAt, objectsAt, rowAt, trailOf } from "./motion.js";
import { make, Stage, icon } from "./stage.js";
import { fitCanvas, onThemeChange, palette } from "./theme.js";
import { Ticker } from "./ticker.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const TRAIL = 45; // rows
const PLAY = '<path d="M8 5l11 7-11 7z" fill="currentColor"/>';
const PAUSE = '<path d="M8 5v14M16 5v14" stroke-width="3"/>';

export function mount(root, options, emit) {
  return new Replay(root, options, emit);
}

class Replay {
  /**
   * @param options {shape, colour (none: the console's), drives (address), first, look, actions, words, titles: [text of each drive]}.
   */
  constructor(root, options, emit) {
    Object.assign(this, { options, emit, words: options.words, root });
    this.stage = new Stage(root, options, () => (this.dirty = true));
    this.stage.say(this.words.loading);
    this.stage.sign("", "over");
    this.legend = make("div.st-legend", {}, make("span", {}, this.words.slow), make("i"), make("span", {}, this.words.fast));
    this.stage.picture.append(this.legend);
    this.speed = 1;
    this.time = 0;
    this.drives = [];
    this.ghost = null;
    this._controls();
    this.keys = (event) => this._key(event);
    root.addEventListener("keydown", this.keys);
    this.endTheme = onThemeChange(() => this._paths());
    this.resizes = new ResizeObserver(() => (this.dirty = true));
    this.resizes.observe(this.line);
    this.ticker = new Ticker(this.stage.canvas, (passed) => this._frame(passed), () => this.drive && (this.playing || this.dirty));
    this._load();
  }

  destroy() {
    this.over = true;
    this.ticker.destroy();
    this.root.removeEventListener("keydown", this.keys);
    this.endTheme();
    this.resizes.disconnect();
    this.stage.destroy();
  }

  /** Race against a drive of another address, or against another of ours; null ends it. */
  async setGhost(choice) {
    this.ghost = null;
    if (choice) {
      const drives = choice.address === this.options.drives ? this.drives : await this._fetch(choice.address);
      if (!drives) return this.stage.say(this.words.lost);
      const best = choice.trial ?? bestOf(drives);
      this.ghost = drives[best] ?? null;
    }
    this._paths();
  }

  /** Show one of the drives, from its beginning. */
  show(number) {
    this.drive = this.drives[number];
    this.trials.value = number;
    this.time = this.drive.time[0];
    this.stage.scene.chase.forget();
    this._paths();
    this.play(true);
    this.emit("trial", number);
  }

  play(playing) {
    this.playing = playing;
    this.stage.playing = playing;
    const label = playing ? this.words.pause : this.words.play;
    this.button.innerHTML = icon(playing ? PAUSE : PLAY);
    this.button.title = label;
    this.button.setAttribute("aria-label", label);
    this.dirty = true;
  }

  async _load() {
    this.drives = (await this._fetch(this.options.drives)) ?? [];
    if (this.over) return;
    this.stage.sign("", "over");
    if (!this.drives.length) return this.stage.say(this.words.lost);
    this.stage.say("");
    const { trial } = this.words;
    this.trials.replaceChildren(...this.drives.map((_, k) => new Option(trial.replace("{number}", k + 1), k)));
    this.trials.hidden = this.drives.length < 2;
    this.show(this.options.first ?? bestOf(this.drives));
  }

  async _fetch(address) {
    const answer = await fetch(address).catch(() => null);
    return answer?.ok ? (await answer.json()).map((drive) => ({ ...drive, speed: smoothed(drive) })) : null;
  }

  _controls() {
    const { words } = this;
    this.button = make("button.st-play", { type: "button", onclick: () => this._toggle() });
    this.trials = make("select.st-select", { "aria-label": words.trials, onchange: () => this.show(Number(this.trials.value)) });
    this.speeds = make("select.st-select", { "aria-label": words.playback, onchange: () => (this.speed = Number(this.speeds.value)) });
    this.speeds.append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed, speed === 1, speed === 1)));
    this.clock = make("span.st-clock");
    this.line = make("canvas.st-line", { tabindex: "0", role: "slider", "aria-label": words.timeline, "aria-valuemin": "0" });
    const scrub = (event) => {
      if (!this.drive) return;
      const box = this.line.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      this._seek(share * this._end());
    };
    this.line.addEventListener("pointerdown", (event) => {
      this.line.setPointerCapture(event.pointerId);
      this.resume = this.playing;
      this.play(false);
      scrub(event);
    });
    this.line.addEventListener("pointermove", (event) => this.line.hasPointerCapture(event.pointerId) && scrub(event));
    this.line.addEventListener("lostpointercapture", () => this.resume && this.play(true));
    this.stage.main.append(
      make("div.st-bar", {}, this.button, this.clock, this.line, this.trials, this.speeds),
    );
    this.play(false);
  }

  _toggle() {
    if (!this.drive) return;
    if (!this.playing && this.time >= this._end()) this.time = this.drive.time[0];
    this.play(!this.playing);
  }

  _end() {
    return this.drive.time[this.drive.time.length - 1];
  }

  _seek(time) {
    this.time = Math.min(Math.max(time, this.drive.time[0]), this._end());
    this.dirty = true;
  }

  _key(event) {
    if (!this.drive || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
    const faster = (by) => {
      const at = SPEEDS.indexOf(this.speed) + by;
      this.speed = SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)];
      this.speeds.value = this.speed;
    };
    const actions = {
      " ": () => event.target !== this.button && this._toggle(), k: () => this._toggle(),
      ArrowLeft: () => this._seek(this.time - (event.shiftKey ? 5 : 1)), ArrowRight: () => this._seek(this.time + (event.shiftKey ? 5 : 1)),
      ",": () => this._step(-1), ".": () => this._step(1), Home: () => this._seek(0), End: () => this._seek(Infinity),
      "<": () => faster(-1), ">": () => faster(1),
    };
    if (!actions[event.key] || (event.key === " " && event.target === this.button)) return;
    event.preventDefault();
    actions[event.key]();
  }

  _step(rows) {
    this.play(false);
    const row = rowAt(this.drive.time, this.time) + rows;
    this._seek(this.drive.time[Math.min(Math.max(row, 0), this.drive.time.length - 1)]);
  }

  /** The whole way in the colours of its speed, and the ghost's. */
  _paths() {
    if (!this.drive) return;
    const colours = palette(), paths = [];
    if (this.ghost) paths.push({ path: wayOf(this.ghost), colour: colours.border, width: 1.6, dash: [5, 5], alpha: 0.7 });
    const fastest = Math.max(...this.drive.speed), slowest = Math.min(...this.drive.speed.slice(3));
    const shades = [colours.series3, colours.series2, colours.good];
    const pieces = shades.map(() => new Path2D());
    for (let row = 1; row < this.drive.time.length; row++) {
      if (this.drive.jump[row]) continue;
      const share = (this.drive.speed[row] - slowest) / Math.max(fastest - slowest, 0.2);
      const piece = pieces[Math.min(Math.max(Math.floor(share * shades.length), 0), shades.length - 1)];
      piece.moveTo(this.drive.x[row - 1], this.drive.y[row - 1]);
      piece.lineTo(this.drive.x[row], this.drive.y[row]);
    }
    pieces.forEach((path, k) => paths.push({ path, colour: shades[k], width: 2.2, alpha: 0.75 }));
    this.stage.scene.setPaths(paths);
    this.dirty = true;
  }

  _frame(passed) {
    this.dirty = false;
    if (this.playing) {
      this.time += passed * this.speed;
      if (this.time >= this._end()) {
        this.time = this._end();
        this.play(false);
      }
    }
    this._draw();
  }

  _draw() {
    const { drive, words } = this, { colours } = this.stage.scene;
    const pose = driveAt(drive, this.time), row = pose.row;
    const car = { ...pose, colour: this.options.colour ?? colours.car, alpha: 1, trail: trailOf(drive, this.time, TRAIL) };
    const cars = [car];
    const facts = [
      [words.time, clock(this.time)], [words.speed, `${drive.speed[row].toFixed(2)} m/s`],
      [words.steering, `${Math.round((drive.steering[row] * 180) / Math.PI)}°`], [words.progress, `${Math.floor(drive.progress[row])} %`],
      [words.resets, `${drive.resets[row]}`],
    ];
    if (words.reward) facts.splice(-1, 0, [words.reward, drive.reward[row].toFixed(2)]); // no race has one
    if (this.ghost) {
      cars.unshift({ ...driveAt(this.ghost, this.time), colour: colours.series4, alpha: 0.6 });
      facts.push([words.ghost, this._gap(row)]);
    }
    const objects = objectsAt(drive, this.time);
    this.stage.scene.setObjects(objects);
    this.stage.scene.draw(cars, car);
    this.stage.tell(facts);
    this.stage.look?.look(pose, objects);
    this.legend.hidden = this.stage.scene.view !== "above";
    this._drawLine();
  }

  /** How far the ghost is ahead, in seconds at equal progress. */
  _gap(row) {
    const progress = this.drive.progress[row], ghost = this.ghost;
    const there = ghost.progress.findIndex((value) => value >= progress);
    if (there < 0) return "–";
    const gap = this.drive.time[row] - ghost.time[there];
    return `${gap >= 0 ? "+" : "−"}${Math.abs(gap).toFixed(2)} s`;
  }

  /** The time line: speed over time, incidents, and where the replay is. */
  _drawLine() {
    const { width, height, ratio } = fitCanvas(this.line);
    if (!width) return;
    const pen = this.line.getContext("2d"), { colours } = this.stage.scene, drive = this.drive, end = this._end();
    const fastest = Math.max(...drive.speed, 0.5), base = height - 5;
    const across = (time) => (time / end) * width;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const area = new Path2D();
    area.moveTo(0, base);
    drive.time.forEach((time, row) => area.lineTo(across(time), base - (drive.speed[row] / fastest) * (base - 4)));
    area.lineTo(width, base);
    pen.fillStyle = colours.lineStrong;
    pen.globalAlpha = 0.55;
    pen.fill(area);
    pen.globalAlpha = 0.45;
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, across(this.time), height);
    pen.clip();
    pen.fillStyle = colours.accent;
    pen.globalAlpha = 0.75;
    pen.fill(area);
    pen.restore();
    pen.globalAlpha = 1;
    pen.fillStyle = colours.bad;
    drive.jump.forEach((jump, row) => jump && pen.fillRect(across(drive.time[row]) - 1, 2, 2, base - 2));
    pen.fillStyle = colours.line;
    pen.fillRect(0, base, width, 3);
    pen.fillStyle = colours.accent;
    pen.fillRect(0, base, across(this.time), 3);
    pen.beginPath();
    pen.arc(Math.min(Math.max(across(this.time), 6), width - 6), base + 0.5, 5.5, 0, 2 * Math.PI);
    pen.fill();
    if (!this.stage.tells) return; // words are for reading, not for every picture
    this.clock.textContent = `${clock(this.time)} / ${clock(end)}`;
    this.line.setAttribute("aria-valuemax", end.toFixed(2));
    this.line.setAttribute("aria-valuenow", this.time.toFixed(2));
    this.line.setAttribute("aria-valuetext", clock(this.time));
  }
}

/** The speed over five rows, because that between two of them jitters with their times. */
function smoothed({ speed, jump }) {
  return speed.map((_, row) => {
    let sum = 0, count = 0;
    for (let near = Math.max(row - 2, 0); near <= Math.min(row + 2, speed.length - 1); near++) {
      if (jump[near]) continue;
      sum += speed[near];
      count++;
    }
    return count ? sum / count : 0;
  });
}

/** The drive to show first: the quickest whole lap, else the one that came farthest. */
function bestOf(drives) {
  const worth = (drive) => {
    const last = drive.time.length - 1;
    return drive.status === "lap_complete" ? 1e6 - drive.time[last] : drive.progress[last];
  };
  return drives.reduce((best, drive, k) => (worth(drive) > worth(drives[best]) ? k : best), 0);
}

function wayOf(drive) {
  const path = new Path2D();
  drive.x.forEach((x, row) => (row && !drive.jump[row] ? path.lineTo(x, drive.y[row]) : path.moveTo(x, drive.y[row])));
  return path;
}
