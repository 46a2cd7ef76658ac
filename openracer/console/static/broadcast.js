// A live race as everybody sees it at the same moment: the drive that is shown, by the server's clock, and what is told of it.
import { clock, driveAt, objectsAt, trailOf } from "./motion.js";
import { make, Stage } from "./stage.js";
import { Ticker } from "./ticker.js";

const TRAIL = 45; // rows

export function mount(root, options) {
  return new Broadcast(root, options);
}

class Broadcast {
  /** @param options {shape, events (address), words}. */
  constructor(root, options) {
    Object.assign(this, { options, words: options.words });
    this.stage = new Stage(root, options, () => (this.dirty = true));
    this.count = make("div.bc-count", { "aria-hidden": "true" });
    this.stage.picture.append(this.count);
    this.stage.say(this.words.waiting);
    this.stage.sign("", "over");
    this.offset = 0; // ms that the server's clock is ahead of ours
    this.now = null;
    this.source = new EventSource(options.events);
    this.source.addEventListener("pieces", (event) => fill(JSON.parse(event.data)));
    this.source.addEventListener("drive", (event) => this._take(JSON.parse(event.data)));
    this.leave = () => this.source.close();
    addEventListener("pagehide", this.leave);
    this.dirty = true;
    this.ticker = new Ticker(this.stage.canvas, () => this._frame(), () => this.dirty || this._isDriving());
  }

  destroy() {
    this.leave();
    removeEventListener("pagehide", this.leave);
    this.ticker.destroy();
    this.stage.destroy();
  }

  /** What is shown now: {phase, key, alias, drive, leader (addresses or null), from (ms), laps, now (ms)}. */
  async _take(told) {
    this.offset = told.now - Date.now();
    this.dirty = true;
    const isNew = told.key !== this.now?.key || told.drive !== this.now?.drive;
    this.now = told;
    if (!isNew) return;
    this.drive = this.ghost = null;
    this.stage.scene.chase.forget();
    const [drive, ghost] = await Promise.all([told.drive, told.leader].map(fetched));
    if (this.now.key !== told.key) return;
    Object.assign(this, { drive, ghost, dirty: true });
    this.tops = drive && drive.speed.map(((top) => (speed) => (top = Math.max(top, speed)))(0));
  }

  /** Seconds since the drive began that is shown; negative while it is about to. */
  _since() {
    return (Date.now() + this.offset - this.now.from) / 1000;
  }

  _isDriving() {
    return this.drive && this._since() < this.drive.time[this.drive.time.length - 1] + 0.5;
  }

  _frame() {
    const { stage, words, now } = this;
    this.dirty = false;
    if (!now?.drive || !this.drive) {
      stage.sign(now?.alias ?? "", now?.phase === "preparing" ? "still" : "over");
      stage.say(now?.phase === "preparing" ? words.preparing : now?.phase === "over" ? words.over : words.waiting);
      this.count.hidden = true;
      stage.scene.draw([], null);
      return;
    }
    const since = this._since(), end = this.drive.time[this.drive.time.length - 1], time = Math.min(Math.max(since, this.drive.time[0]), end);
    stage.say("");
    stage.sign(now.alias, since < end ? "live" : "over");
    stage.playing = since < end;
    this.count.hidden = since >= 0;
    if (since < 0) this.count.textContent = Math.ceil(-since);
    this._draw(time);
  }

  _draw(time) {
    const { stage, words, drive, now } = this, { colours } = stage.scene;
    const pose = driveAt(drive, time), row = pose.row;
    const car = { ...pose, colour: colours.car, alpha: 1, trail: trailOf(drive, time, TRAIL) }, cars = [car];
    if (this.ghost) {
      const last = this.ghost.time[this.ghost.time.length - 1];
      if (time <= last) cars.unshift({ ...driveAt(this.ghost, time), colour: colours.series4, alpha: 0.5 });
    }
    const over = drive.laps.filter((end) => end <= time + 1e-6), last = over.length;
    const lap = last ? over[last - 1] - (over[last - 2] ?? 0) : null;
    const progress = drive.progress[row], from = drive.progress.findIndex((value) => value > 0);
    const average = row > from && from >= 0 ? sum(drive.speed, from, row) / (row - from + 1) : 0;
    stage.scene.setObjects(objectsAt(drive, time));
    stage.scene.draw(cars, car);
    stage.tell([
      [words.time, clock(time)], [words.lap, `${Math.min(last + 1, now.laps)} / ${now.laps}`],
      [words.last_lap, lap === null ? "–" : clock(lap)], [words.speed, `${drive.speed[row].toFixed(2)} m/s`],
      [words.top_speed, `${this.tops[row].toFixed(2)} m/s`], [words.mean_speed, `${average.toFixed(2)} m/s`],
      [words.progress, `${Math.floor(progress >= 100 * now.laps ? 100 : progress % 100)} %`], [words.resets, `${drive.resets[row]}`],
    ]);
  }
}

/** Put pieces of HTML where they belong, by the ids of the elements. */
function fill(pieces) {
  for (const [id, html] of Object.entries(pieces)) {
    const place = document.getElementById(id);
    if (place) place.innerHTML = html;
  }
}

async function fetched(address) {
  const answer = address && (await fetch(address).catch(() => null));
  return answer?.ok ? (await answer.json())[0] : null;
}

function sum(values, first, last) {
  let total = 0;
  for (let k = first; k <= last; k++) total += values[k];
  return total;
}
