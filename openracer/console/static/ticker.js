// When a canvas draws: at a steady rate, and only while somebody can see it.
//
// A browser on the machine that trains takes its time from the training, and each picture costs it some milliseconds,
// however little is drawn. So it draws less often there, the fewer the cores and the more there is to do.

const IS_HERE = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
const CORES = navigator.hardwareConcurrency || 4;
const LONGEST_STEP = 0.1; // s

/** Whether this browser has few cores, and shares them with what it watches. */
export const IS_POOR = IS_HERE && CORES <= 2;

function pauseOf(isBusy) {
  if (IS_POOR) return isBusy ? 84 : 37;
  return IS_HERE && CORES < 8 ? 37 : 16;
}

export class Ticker {
  /**
   * @param element that must be in view.
   * @param draw called with the seconds that have passed, at most 0.1.
   * @param moves tells whether there is anything to draw.
   */
  constructor(element, draw, moves) {
    this.draw = draw;
    this.moves = moves;
    this.isBusy = false;
    this.sight = new IntersectionObserver(([entry]) => this._see(entry.isIntersecting));
    this.sight.observe(element);
  }

  destroy() {
    this.sight.disconnect();
    this._see(false);
  }

  _see(visible) {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.request);
    this.last = null;
    if (visible) this._wait(0);
  }

  /** A timer first, because asking for a picture of the screen has its price even where nothing is drawn. */
  _wait(milliseconds) {
    this.timer = setTimeout(() => {
      if (this.moves()) this.request = requestAnimationFrame((stamp) => this._tick(stamp));
      else this._wait(pauseOf(this.isBusy));
    }, milliseconds);
  }

  _tick(stamp) {
    const passed = this.last === null ? 0 : Math.min((stamp - this.last) / 1000, LONGEST_STEP);
    this.last = stamp;
    const pause = pauseOf(this.isBusy);
    // The next picture of the screen that follows the timer is up to 16 ms away.
    this._wait(Math.max(pause - 16, 0));
    this.draw(passed);
  }
}
