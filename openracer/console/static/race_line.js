// A track with its race line, coloured by speed: a TrackScene from above with a legend.
//
// options: {shape, points [[x, y] …] m, speed m/s at each, lap_time, words}.
import { make } from "./stage.js";
import { TrackScene } from "./track_scene.js";

const STOPS = [[216, 67, 76], [240, 180, 41], [72, 201, 130]]; // slow to fast

function colourOf(share) {
  const place = Math.min(Math.max(share, 0), 1) * 2, step = place >= 1 ? 1 : 0;
  return `rgb(${STOPS[step].map((from, k) => Math.round(from + (place - step) * (STOPS[step + 1][k] - from))).join(" ")})`;
}

class RaceLine {
  constructor(root, { shape, points, speed, words }) {
    const low = Math.min(...speed), high = Math.max(...speed);
    this.canvas = make("canvas.tp-scene", { role: "img", "aria-label": words.picture });
    const bar = make("span.rm-bar", { style: `background: linear-gradient(90deg, ${[0, 0.5, 1].map(colourOf).join(", ")})` });
    root.append(
      this.canvas,
      make("div.rm-legend", {}, make("span", {}, `${low.toFixed(1)} m/s`), bar, make("span", {}, `${high.toFixed(1)} m/s`)),
    );
    this.scene = new TrackScene(this.canvas, shape, () => this._draw());
    const paths = [];
    for (let row = 0; row + 1 < points.length; row++) {
      const path = new Path2D();
      path.moveTo(...points[row]);
      path.lineTo(...points[row + 1]);
      paths.push({ path, colour: colourOf((speed[row] - low) / Math.max(high - low, 0.1)), width: 3.5 });
    }
    this.scene.setPaths(paths);
    this._draw();
  }

  destroy() {
    this.scene.destroy();
  }

  _draw() {
    if (this.asked || !this.scene) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = null;
      this.scene.draw([], null);
    });
  }
}

/** Show the line in an element. */
export function mount(element, options) {
  return new RaceLine(element, options);
}
