// A race of models: all its cars in their colours, as they drive or at any time after, and who is where.
import { listen } from "./feed.js";
import { clock, driveAt, rowAt, trailOf } from "./motion.js";
import { icon, make, Stage } from "./stage.js";
import { Ticker } from "./ticker.js";

const SPEEDS = [0.5, 1, 2, 4, 8];
const TRAIL = 30; // rows
const PLAY = '<path d="M8 5l11 7-11 7z" fill="currentColor"/>';
const PAUSE = '<path d="M8 5v14M16 5v14" stroke-width="3"/>';

export function mount(root, options) {
  return new RaceView(root, options);
}

class RaceView {
  /**
   * @param options {shape, cars: [{name, colour}], laps, words, and either drives (address) or feed (address)}.
   */
  constructor(root, options) {
    Object.assign(this, { options, words: options.words });
    this.stage = new Stage(root, options, () => (this.dirty = true));
    this.stage.sign("", "over");
    this.stage.say(options.feed ? this.words.starting : this.words.loading);
    this.focus = 0;
    this.time = 0;
    this.speed = 1;
    this._standings();
    if (options.feed) {
      this.end = listen(options.feed, { poses: (poses) => this._take(poses) });
    } else {
      this._controls();
      this._load();
    }
    this.ticker = new Ticker(this.stage.canvas, (passed) => this._frame(passed), () => this.dirty || this.playing);
  }

  destroy() {
    this.over = true;
    this.ticker.destroy();
    this.end?.();
    this.stage.destroy();
  }

  /** One row for each car: its colour, name and how it stands; choosing one lets the view follow it. */
  _standings() {
    this.rows = this.options.cars.map(({ name, colour }, car) => {
      const chip = make("i");
      chip.style.background = colour;
      const words = make("span.rc-words");
      const row = make("button.rc-car", { type: "button", onclick: () => this._follow(car) }, chip, make("b", {}, name), words);
      return { row, words };
    });
    this.list = make("div.rc-cars", {}, ...this.rows.map(({ row }) => row));
    this.stage.main.append(this.list);
    this._follow(0);
  }

  _follow(car) {
    this.focus = car;
    this.rows.forEach(({ row }, k) => row.setAttribute("aria-pressed", k === car));
    this.stage.scene.chase.forget();
    this.dirty = true;
  }

  _controls() {
    const { words } = this;
    this.button = make("button.st-play", { type: "button", onclick: () => this.play(!this.playing) });
    this.line = make("input.rc-line", {
      type: "range", min: 0, step: 0.05, "aria-label": words.timeline, oninput: () => this._seek(Number(this.line.value)),
    });
    this.clock = make("span.st-title");
    const speeds = make("select.st-select", { "aria-label": words.playback, onchange: () => (this.speed = Number(speeds.value)) });
    speeds.append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed, speed === 1, speed === 1)));
    this.choice = make("select.st-select", { "aria-label": words.races, onchange: () => this.show(Number(this.choice.value)) });
    this.stage.main.insertBefore(make("div.st-bar", {}, this.button, this.line, this.clock, speeds, this.choice), this.list);
    this.play(false);
  }

  async _load() {
    const answer = await fetch(this.options.drives).catch(() => null);
    if (this.over) return;
    if (!answer?.ok) return this.stage.say(this.words.lost);
    this.holdings = await answer.json();
    const titles = this.holdings.map((_, k) => new Option(this.words.race.replace("{number}", k + 1), k));
    this.choice.replaceChildren(...titles);
    this.choice.hidden = titles.length < 2;
    this.stage.say("");
    this.show(0);
  }

  /** Show one holding of the race, from its beginning. */
  show(number) {
    this.drives = this.holdings[number];
    for (const drive of this.drives) drive.laps ??= lapsOf(drive.progress);
    this.last = Math.max(...this.drives.map((drive) => drive.time[drive.time.length - 1]));
    this.line.max = this.last;
    this._seek(0);
    this.play(true);
  }

  play(playing) {
    if (playing && this.time >= this.last) this.time = 0;
    this.playing = this.stage.playing = playing;
    this.button.innerHTML = icon(playing ? PAUSE : PLAY);
    this.button.setAttribute("aria-label", playing ? this.words.pause : this.words.play);
    this.dirty = true;
  }

  _seek(time) {
    this.time = time;
    this.stage.scene.chase.forget();
    this.dirty = true;
  }

  _take(poses) {
    this.now = poses;
    this.dirty = true;
    this.stage.say("");
    this.stage.sign(this.words.live, "live");
  }

  _frame(passed) {
    this.dirty = false;
    if (this.now) return this._drawLive();
    if (!this.drives) return;
    if (this.playing) {
      this.time = Math.min(this.time + passed * this.speed, this.last);
      if (this.time >= this.last) this.play(false);
    }
    this._drawReplay();
  }

  _drawLive() {
    const { now } = this;
    const at = (car) => ({ x: now.x[car], y: now.y[car], yaw: now.yaw[car], steering: now.steering[car] });
    const cars = this.options.cars.map(({ colour }, car) => ({ ...at(car), colour, alpha: 1 }));
    this._draw(cars, cars[this.focus]);
    this.rows.forEach(({ words }, car) => tell(words, `${Math.floor(now.progress[car])} % · ${now.speed[car].toFixed(1)} m/s`));
  }

  _drawReplay() {
    const { time, words } = this;
    const cars = [], merits = [];
    let focus = null;
    this.drives.forEach((drive, car) => {
      const end = drive.time[drive.time.length - 1], row = rowAt(drive.time, time), hasEnded = time > end + 0.05;
      const isComplete = drive.status === "lap_complete";
      const lap = Math.min(drive.laps[row] + 1, this.options.laps);
      merits.push(hasEnded && isComplete ? 1e9 - end : drive.laps[row] * 100 + drive.progress[row]);
      let text = words.lap.replace("{lap}", lap).replace("{laps}", this.options.laps) + ` · ${drive.speed[row].toFixed(1)} m/s`;
      if (hasEnded) text = isComplete ? words.finished.replace("{time}", clock(end)) : (words.statuses[drive.status] ?? "");
      tell(this.rows[car].words, text);
      const pose = { ...driveAt(drive, time), colour: this.options.cars[car].colour, alpha: 1, trail: trailOf(drive, time, TRAIL) };
      if (car === this.focus) focus = pose;
      if (!hasEnded || car === this.focus) cars.push(pose);
    });
    const order = merits.map((_, car) => car).sort((a, b) => merits[b] - merits[a]);
    order.forEach((car, place) => (this.rows[car].row.style.order = place));
    this._draw(cars, focus);
    this.line.value = time;
    tell(this.clock, `${clock(time)} / ${clock(this.last)}`);
  }

  _draw(cars, focus) {
    const others = cars.filter((car) => car !== focus);
    this.stage.scene.draw(focus ? [...others, focus] : others, focus);
  }
}

function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The laps that are complete at each row: progress begins anew with each. */
function lapsOf(progress) {
  let laps = 0;
  return progress.map((value, row) => (row && value < progress[row - 1] - 50 ? ++laps : laps));
}
