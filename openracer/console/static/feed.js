// The web socket of a model's page (openracer.console.feeds.live), one for all canvases and graphs of the page.
import { IS_POOR } from "./ticker.js";

const ROWS = ["x", "y", "yaw", "steering", "speed", "progress", "row"];
const BOX = 0; // openracer.simulation.bodies
const RATE = IS_POOR ? 12 : 30; // poses a second: no more than are drawn
const feeds = new Map();

/**
 * Listen to a model's run.
 * @param address of the socket, a path.
 * @param listener {poses(poses), curve(message), gone()}, each optional. Poses are {step, time, arrived, cars, a
 *   Float32Array for each of ROWS, objectsOf(car)}.
 * @returns what ends it.
 */
export function listen(address, listener) {
  if (!feeds.has(address)) feeds.set(address, new Feed(address));
  const feed = feeds.get(address);
  feed.add(listener);
  return () => {
    feed.listeners.delete(listener);
    if (!feed.listeners.size) {
      feed.close();
      feeds.delete(address);
    }
  };
}

class Feed {
  constructor(address) {
    this.url = new URL(address, location.href);
    this.url.searchParams.set("rate", RATE);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.listeners = new Set();
    this.curve = null;
    this.pause = 500;
    // A tab that nobody sees needs nothing.
    this.seen = () => (document.hidden ? this._hangUp() : this._open());
    document.addEventListener("visibilitychange", this.seen);
    this._open();
  }

  add(listener) {
    this.listeners.add(listener);
    if (this.curve) listener.curve?.(this.curve);
  }

  close() {
    this.over = true;
    document.removeEventListener("visibilitychange", this.seen);
    this._hangUp();
  }

  _hangUp() {
    clearTimeout(this.retry);
    this.socket?.close();
    this.socket = null;
  }

  _open() {
    if (this.over || this.socket || document.hidden) return;
    const socket = (this.socket = new WebSocket(this.url));
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      this.pause = 500;
      if (typeof event.data === "string") this._take(JSON.parse(event.data));
      else this._tell("poses", unpack(event.data));
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (event.code === 4404) {
        this.over = true;
        this._tell("gone");
      } else if (!this.over) {
        this.retry = setTimeout(() => this._open(), this.pause);
        this.pause = Math.min(2 * this.pause, 8000);
      }
    };
  }

  /** Points of the curve come as they are new; all of them again after the socket was away. */
  _take(message) {
    const known = this.curve?.points ?? [], first = message.points[0]?.[0] ?? Infinity;
    this.curve = { best: message.best, points: known.filter(([iteration]) => iteration < first).concat(message.points) };
    this._tell("curve", this.curve);
  }

  _tell(name, value) {
    for (const listener of this.listeners) listener[name]?.(value);
  }
}

function unpack(buffer) {
  const head = new DataView(buffer), first = 32;
  const around = head.getFloat64(16, true), kind = head.getFloat64(24, true);
  const cars = (buffer.byteLength - first) / 4 / (ROWS.length + 3 * around);
  const poses = { step: head.getFloat64(0, true), time: head.getFloat64(8, true), arrived: performance.now(), cars };
  ROWS.forEach((name, row) => {
    poses[name] = new Float32Array(buffer, first + 4 * row * cars, cars);
  });
  const objects = new Float32Array(buffer, first + 4 * ROWS.length * cars);
  /** What is on the road with a car: lists of [x, y, yaw]. */
  poses.objectsOf = (car) => {
    const found = Array.from({ length: around }, (_, k) => [...objects.subarray(3 * (car * around + k), 3 * (car * around + k) + 3)]);
    return kind === BOX ? { boxes: found, bots: [] } : { boxes: [], bots: found };
  };
  return poses;
}
