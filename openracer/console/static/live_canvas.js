// A run as it happens: all its cars where they are now, and one of them in front: the newest finished episode at a
// speed that people can follow, or a car as it drives this moment.
import { listen } from "./feed.js";
import { clock, driveAt, objectsAt, poseBetween, trailOf } from "./motion.js";
import { make, Stage } from "./stage.js";
import { Ticker } from "./ticker.js";

const STILL = 450; // ms without poses after which the network is taken to learn
const LEAST_DELAY = 40, MOST_DELAY = 110; // ms that poses are shown late, so that the way between two is known
const TRAIL = 60; // rows

export function mount(root, options, emit) {
  return new LiveCanvas(root, options, emit);
}

class LiveCanvas {
  /**
   * @param options {shape, colour, feed, newest (addresses), look, actions, words, running, kind}.
   */
  constructor(root, options, emit) {
    Object.assign(this, { options, emit, words: options.words });
    this.stage = new Stage(root, options, () => (this.dirty = true));
    this.before = this.now = null;
    this.delay = LEAST_DELAY;
    this.running = options.running;
    this.car = -1; // -1: the newest episode
    this.speed = 1;
    this.trails = new Map();
    this._bar();
    this.end = listen(options.feed, {
      poses: (poses) => this._take(poses),
      gone: () => emit("gone"),
    });
    this.stage.playing = true;
    this.stage.sign("", "over");
    this.stage.say(this.running ? this.words.starting : this.words.nothing);
    this.ticker = new Ticker(this.stage.canvas, (passed) => this._frame(passed), () => this._moves());
    this.ticker.isBusy = this.running;
    if (options.newest) this._fetchNewest();
  }

  destroy() {
    this.over = true;
    this.ticker.destroy();
    clearTimeout(this.timer);
    this.end();
    this.stage.destroy();
  }

  /** The job has begun or ended, as the page knows. */
  update({ running }) {
    this.running = this.ticker.isBusy = running;
    this.dirty = true;
    if (!this.drive && !this.now) this.stage.say(running ? this.words.starting : this.words.nothing);
  }

  /** Replay one of the newest episodes now. */
  async showEpisode(number) {
    const answer = await fetch(`${this.options.episodes}/${number}`).catch(() => null);
    if (answer?.ok) {
      this._choose(-1);
      this._begin(await answer.json(), true);
    }
    return Boolean(answer?.ok);
  }

  _bar() {
    const { words } = this;
    this.choice = make("select.st-select", { "aria-label": words.car, onchange: () => this._choose(Number(this.choice.value)) });
    const speeds = [0.5, 1, 2, 4];
    this.speeds = make("select.st-select", { "aria-label": words.playback, onchange: () => (this.speed = Number(this.speeds.value)) });
    this.speeds.append(...speeds.map((speed) => new Option(`${speed}×`, speed, speed === 1, speed === 1)));
    this.title = make("span.st-title");
    this.stage.main.append(make("div.st-bar", {}, this.choice, this.speeds, this.title));
    this._listCars(0);
  }

  _listCars(count) {
    const first = this.options.newest ? [new Option(this.words.newest, -1)] : [];
    const cars = Array.from({ length: count }, (_, car) => new Option(this.words.live_car.replace("{number}", car + 1), car));
    this.choice.replaceChildren(...first, ...cars);
    if (!first.length && this.car < 0 && count) this.car = 0;
    this.choice.value = this.car;
    this.listed = count;
    this.choice.hidden = this.choice.options.length < 2;
    this.speeds.hidden = !this.options.newest;
  }

  _choose(car) {
    this.car = car;
    this.choice.value = car;
    this.speeds.disabled = car >= 0;
    this.stage.scene.chase.forget();
    this.trail = [];
    this.dirty = true;
  }

  _take(poses) {
    if (!this.now || poses.cars !== this.now.cars || poses.step < this.now.step) this.before = null;
    else this.before = this.now;
    if (this.before) {
      const gap = poses.arrived - this.before.arrived;
      if (gap < STILL) this.delay += 0.2 * (Math.min(Math.max(1.3 * gap, LEAST_DELAY), MOST_DELAY) - this.delay);
    }
    this.now = poses;
    this.dirty = true;
    if (poses.cars !== this.listed) this._listCars(poses.cars);
    this.stage.say("");
  }

  /** Asks for the newest episode shortly before it is needed. */
  async _fetchNewest() {
    if (this.over) return;
    const left = this.drive ? (this.drive.time[this.drive.time.length - 1] - this.time) / this.speed : 0;
    if (!document.hidden && !this.next && left < 1.5 && this.car < 0) {
      const last = this.drive?.episode ?? -1;
      const answer = await fetch(`${this.options.newest}?after=${last}`).catch(() => null);
      if (answer?.status === 200) {
        const drive = await answer.json();
        if (!this.drive) this._begin(drive, false);
        else this.next = drive;
      }
    }
    if (!this.over) this.timer = setTimeout(() => this._fetchNewest(), this.running || !this.drive ? 1000 : 5000);
  }

  _begin(drive, asked) {
    this.drive = drive;
    this.asked = asked;
    this.next = null;
    this.time = drive.time[0];
    this.rested = 0;
    this.dirty = true;
    this.stage.say("");
  }

  /** Whether a frame would differ from the last one; what is written over the picture follows anyhow. */
  _moves() {
    const isLate = this.now && performance.now() - this.now.arrived > this.delay + 60;
    const moves = this.dirty || (this.drive && this.car < 0) || (this.now && !isLate);
    if (!moves) this._sign();
    return moves;
  }

  _frame(passed) {
    this.dirty = false;
    this._draw(passed);
    this._sign();
  }

  _draw(passed) {
    const { colours } = this.stage.scene;
    const cars = this._liveCars(colours);
    let focus = null;
    if (this.car >= 0) focus = cars[this.car] ?? null;
    else if (this.drive) focus = this._play(passed);
    if (focus && this.car < 0) cars.push(focus);
    // Every car has a road of its own, with other things on it: those of the car in front are shown.
    const objects = this.car >= 0
      ? this.now?.objectsOf(Math.min(this.car, this.now.cars - 1)) : this.drive && objectsAt(this.drive, this.time);
    if (focus) {
      if (this.car >= 0) cars.push(cars.splice(this.car, 1)[0]);
      this.stage.look?.look(focus, objects);
    }
    if (!focus && !cars.length) this.stage.tell([]);
    this.stage.scene.setObjects(objects);
    this.stage.scene.draw(cars, focus);
    if (this.now) this.stage.canvas.dataset.step = this.now.step; // what a measurement of the delay looks at
  }

  /** All cars a moment ago, between the last two poses that came. */
  _liveCars(colours) {
    const { before, now } = this;
    if (!now || (!this.running && performance.now() - now.arrived > 4000)) return [];
    const share = before ? Math.min(Math.max((performance.now() - this.delay - before.arrived) / Math.max(now.arrived - before.arrived, 1), 0), 1) : 1;
    const cars = [];
    for (let car = 0; car < now.cars; car++) {
      const at = (poses) => ({ x: poses.x[car], y: poses.y[car], yaw: poses.yaw[car], steering: poses.steering[car] });
      const isNew = !before || now.row[car] < before.row[car];
      const pose = isNew ? at(now) : poseBetween(at(before), at(now), share);
      const chosen = car === this.car;
      cars.push({
        ...pose, colour: chosen ? this.options.colour : colours.series2, alpha: chosen || this.options.kind === "evaluation" ? 1 : 0.5,
        plain: !chosen && now.cars > 12,
      });
    }
    const chosen = this.car >= 0 ? cars[this.car] : null;
    if (chosen) {
      if (!before || now.row[this.car] < before.row[this.car]) this.trail = [];
      this.trail = [...(this.trail ?? []).slice(-TRAIL), [chosen.x, chosen.y]];
      chosen.trail = this.trail;
      this.stage.tell([
        [this.words.speed, `${now.speed[this.car].toFixed(1)} m/s`], [this.words.progress, `${Math.floor(now.progress[this.car])} %`],
        [this.words.steps, `${now.row[this.car]}`],
      ]);
    }
    return cars;
  }

  /** The newest episode, one frame on. */
  _play(passed) {
    const drive = this.drive, last = drive.time[drive.time.length - 1];
    this.time += passed * this.speed;
    if (this.time >= last) {
      this.time = last;
      this.rested += passed;
      if (this.rested > 0.8) {
        if (this.next && !this.asked) this._begin(this.next, false);
        else if (this.next && this.rested > 2) this._begin(this.next, false);
        else if (!this.next) this._begin(drive, this.asked);
      }
    }
    const pose = driveAt(this.drive, this.time), row = pose.row;
    const shown = this.drive;
    this.stage.tell([
      [this.words.time, clock(this.time)], [this.words.speed, `${shown.speed[row].toFixed(1)} m/s`],
      [this.words.progress, `${Math.floor(shown.progress[row])} %`], [this.words.reward, shown.reward[row].toFixed(2)],
    ]);
    const title = this.words.episode.replace("{number}", shown.episode + 1);
    const ending = this.words.statuses[shown.status] ?? "";
    const total = this.words.total.replace("{reward}", shown.total_reward.toFixed(1));
    this._entitle([title, ending, total].filter(Boolean).join(" · "));
    return { ...pose, colour: this.options.colour, alpha: 1, trail: trailOf(shown, this.time, TRAIL) };
  }

  _entitle(text) {
    if (this.title.textContent !== text) this.title.textContent = text;
  }

  _sign() {
    if (this.car >= 0) this._entitle("");
    if (!this.running) return this.stage.sign("", "over");
    if (!this.now) return this.stage.sign("", "over");
    const isStill = performance.now() - this.now.arrived > STILL;
    if (isStill && this.options.kind === "evaluation") return this.stage.sign("", "over");
    this.stage.sign(
      isStill ? this.words.learning : this.words.driving.replace("{count}", this.now.cars), isStill ? "still" : "live",
    );
  }
}
