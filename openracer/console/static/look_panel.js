// What the car sees and what its policy would do there: the camera's picture, and the actions with their probabilities.
//
// The answer for a pose is {frame: data URL, probabilities: [A] | null, mean: [2] | null, deviation: [2] | null}; actions
// are {discrete: [[steering in degrees, speed in m/s] …]} or {steering: [low, high], speed: [low, high]}.
import { fitCanvas, onThemeChange, palette } from "./theme.js";
import { IS_POOR } from "./ticker.js";

const PAUSE = IS_POOR ? 700 : 160; // ms between two questions
const SPREAD = 1.9; // steering angles are drawn this many times larger

export class LookPanel {
  constructor(options, words) {
    this.options = options;
    this.words = words;
    this.picture = document.createElement("img");
    this.picture.className = "st-camera";
    this.picture.alt = "";
    this.fan = document.createElement("canvas");
    this.fan.className = "st-fan";
    this.list = document.createElement("ol");
    this.list.className = "st-choices";
    this.element = document.createElement("aside");
    this.element.className = "st-look";
    this.element.append(
      this._figure(words.camera, this.picture), this._figure(words.choice, this.fan, this.list),
    );
    this.endTheme = onThemeChange(() => this._drawFan());
    this.resizes = new ResizeObserver(() => this._drawFan());
    this.resizes.observe(this.fan);
    this.shown = "";
    this.sight = new IntersectionObserver(([entry]) => (this.visible = entry.isIntersecting));
    this.sight.observe(this.element);
    this._run();
  }

  destroy() {
    this.over = true;
    this.sight.disconnect();
    this.endTheme();
    this.resizes.disconnect();
  }

  /** The pose to look from from now on, {x, y, yaw}, and what is on the road, {boxes, bots} as lists of [x, y, yaw]. */
  look(pose, objects) {
    const written = (list) => (list ?? []).map((place) => place.map((value) => value.toFixed(3)).join(",")).join(";");
    this.wanted = new URLSearchParams({
      ...this.options.look.parameters, x: pose.x.toFixed(4), y: pose.y.toFixed(4), yaw: pose.yaw.toFixed(4),
      boxes: written(objects?.boxes), bots: written(objects?.bots),
    }).toString();
  }

  _figure(title, ...children) {
    const figure = document.createElement("figure");
    figure.className = "st-figure";
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    figure.append(caption, ...children);
    return figure;
  }

  async _run() {
    while (!this.over) {
      const wanted = this.wanted;
      if (wanted && wanted !== this.shown && this.visible && !document.hidden) {
        this.shown = wanted;
        try {
          const answer = await fetch(`${this.options.look.address}?${wanted}`);
          if (answer.ok) this._show(await answer.json());
          else if (answer.status === 404 || answer.status === 410) return;
        } catch {
          this.shown = ""; // the console is away for a moment
        }
      }
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  _show(answer) {
    this.picture.src = answer.frame;
    this.answer = answer;
    this._drawFan();
    this._list();
  }

  _list() {
    const { discrete } = this.options.actions;
    const degrees = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(Math.round(value * 10) / 10)}°`;
    const speed = (value) => `${value.toFixed(1)} m/s`;
    let rows = [];
    if (this.answer.probabilities && discrete) {
      rows = this.answer.probabilities
        .map((share, k) => [share, k])
        .sort((a, b) => b[0] - a[0])
        .slice(0, 3)
        .map(([share, k]) => [degrees(discrete[k][0]), speed(discrete[k][1]), `${Math.round(100 * share)} %`, share]);
    } else if (this.answer.mean) {
      const { mean, deviation } = this.answer;
      rows = [
        [this.words.steering, "", `${degrees(mean[0])} ± ${deviation[0].toFixed(1)}°`, 0],
        [this.words.speed, "", `${mean[1].toFixed(2)} ± ${deviation[1].toFixed(2)} m/s`, 0],
      ];
    }
    this.list.replaceChildren(
      ...rows.map(([name, more, value, share]) => {
        const row = document.createElement("li");
        row.style.setProperty("--share", share);
        for (const text of [name, more, value]) {
          const cell = document.createElement("span");
          cell.textContent = text;
          row.append(cell);
        }
        return row;
      }),
    );
  }

  /** Actions as places in front of the car: to the side by their steering, away by their speed. */
  _drawFan() {
    const { width, height, ratio } = fitCanvas(this.fan);
    if (width < 60 || height < 60) return; // while the page is being laid out
    const pen = this.fan.getContext("2d"), colours = palette();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const { actions } = this.options;
    const all = actions.discrete ?? [[actions.steering[0], actions.speed[1]], [actions.steering[1], actions.speed[1]]];
    const fastest = Math.max(...all.map(([, speed]) => speed)), widest = Math.max(...all.map(([turn]) => Math.abs(turn)), 5);
    const foot = height - 16;
    const reach = Math.min(foot - 14, (0.5 * width - 14) / Math.sin((Math.min(90, SPREAD * widest) * Math.PI) / 180));
    const place = (turn, speed) => {
      const angle = (SPREAD * turn * Math.PI) / 180, radius = reach * (0.22 + (0.78 * speed) / fastest);
      return [0.5 * width - radius * Math.sin(angle), foot - radius * Math.cos(angle)];
    };
    pen.lineWidth = 1;
    pen.strokeStyle = colours.line;
    for (const speed of new Set(all.map(([, value]) => value))) {
      const radius = reach * (0.22 + (0.78 * speed) / fastest);
      const half = (SPREAD * widest * Math.PI) / 180;
      pen.beginPath();
      pen.arc(0.5 * width, foot, radius, -0.5 * Math.PI - half, -0.5 * Math.PI + half);
      pen.stroke();
    }
    const { probabilities, mean, deviation } = this.answer ?? {};
    if (actions.discrete) {
      const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
      actions.discrete.forEach(([turn, speed], k) => {
        const share = probabilities?.[k] ?? 0;
        this._ray(pen, [0.5 * width, foot], place(turn, speed), share, k === best, colours);
      });
    } else if (mean) {
      const [x, y] = place(mean[0], Math.min(Math.max(mean[1], 0), fastest));
      pen.fillStyle = colours.accent;
      pen.globalAlpha = 0.18;
      pen.beginPath();
      const across = (reach * SPREAD * Math.PI * deviation[0]) / 180, along = (reach * 0.78 * deviation[1]) / fastest;
      pen.ellipse(x, y, Math.max(across, 5), Math.max(along, 5), 0, 0, 2 * Math.PI);
      pen.fill();
      pen.globalAlpha = 1;
      this._ray(pen, [0.5 * width, foot], [x, y], 0.5, true, colours);
    }
    pen.fillStyle = colours.ink2;
    pen.beginPath();
    pen.roundRect(0.5 * width - 6, foot - 8, 12, 20, 4);
    pen.fill();
  }

  _ray(pen, [fromX, fromY], [x, y], share, isBest, colours) {
    pen.strokeStyle = pen.fillStyle = isBest ? colours.accent : colours.ink3;
    if (share > 0.005) {
      pen.globalAlpha = isBest ? 0.9 : 0.18 + 0.6 * share;
      pen.lineWidth = 1 + 6 * share;
      pen.lineCap = "round";
      pen.beginPath();
      pen.moveTo(fromX, fromY - 8);
      pen.lineTo(x, y);
      pen.stroke();
    }
    pen.globalAlpha = isBest ? 1 : 0.35 + 0.65 * share;
    pen.beginPath();
    pen.arc(x, y, 3 + 8 * Math.sqrt(share), 0, 2 * Math.PI);
    pen.fill();
    pen.globalAlpha = 1;
  }
}
