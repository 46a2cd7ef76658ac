// Driving by hand: keys, gamepad or touch to the server's simulator, and what comes back drawn, with a ghost.
//
// options: {shape, session (address of the web socket), words, fastest m/s}. Emits "ended" with what the server tells of
// a drive that is over. Messages are those of openracer.console.feeds.drive.
import { poseBetween, driveAt } from "./motion.js";
import { make, Stage } from "./stage.js";

const NUMBERS = 11, HEIGHT = 120, WIDTH = 160;
const PERIOD = 1000 / 15; // ms between two poses
const TURN_MS = 260; // from straight to the full angle with a key
const FULL = 30; // degrees
const RESTART_MS = 400; // until then poses may be of the drive before, and no car rolls on
const KEYS = {
  ArrowLeft: "left", a: "left", ArrowRight: "right", d: "right", ArrowUp: "faster", w: "faster", ArrowDown: "slower", s: "slower",
};

class Drive {
  constructor(root, options, emit) {
    this.words = options.words;
    this.emit = emit;
    this.fastest = options.fastest;
    this.held = new Set();
    this.steering = 0;
    this.poses = [];
    this.best = null;
    this.stage = new Stage(root, options, () => {});
    this.stage.setView("behind");
    root.classList.add("dr");
    this.camera = make("canvas.dr-camera", { width: WIDTH, height: HEIGHT, role: "img", "aria-label": this.words.camera, title: this.words.camera });
    this.camera.addEventListener("click", () => root.classList.toggle("is-camera"));
    this.clock = make("div.dr-clock", { role: "timer" }, "00:00.000");
    this.pads = make("div.dr-pads", {}, ...["left", "right", "slower", "faster"].map((name) => this._pad(name)));
    this.stage.picture.append(this.camera, this.clock, this.pads);
    this.stage.say(this.words.waiting);
    this.pixels = this.camera.getContext("2d").createImageData(WIDTH, HEIGHT);
    this.pixels.data.fill(255);
    this.abort = new AbortController();
    const listen = { signal: this.abort.signal };
    window.addEventListener("keydown", (event) => this._key(event, true), listen);
    window.addEventListener("keyup", (event) => this._key(event, false), listen);
    window.addEventListener("blur", () => this.held.clear(), listen);
    this._frame = this._frame.bind(this);
    this.request = requestAnimationFrame(this._frame);
    this.connect(options.session, options.shape);
  }

  destroy() {
    this.over = true;
    cancelAnimationFrame(this.request);
    this.abort.abort();
    this.socket?.close();
    this.stage.destroy();
  }

  /** Drive on another track, or with another car. */
  connect(session, shape) {
    this.session = session;
    this.socket?.close();
    if (shape) this.stage.scene.setShape(shape);
    this.poses = [];
    this.setGhost(null);
    const socket = (this.socket = new WebSocket(session.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => {
      if (socket !== this.socket) return;
      if (typeof event.data === "string") this._told(JSON.parse(event.data));
      else this._pose(event.data);
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket && !this.over) this.stage.say(this.words.lost);
    });
  }

  setFastest(fastest) {
    this.fastest = fastest;
  }

  /** Race against the drive of an address: {address, trial}; null ends it. */
  async setGhost(choice) {
    this.ghost = null;
    if (!choice) return;
    const answer = await fetch(choice.address).catch(() => null);
    if (!answer?.ok) return this.stage.say(this.words.no_ghost);
    const drives = await answer.json();
    const laps = drives.filter((drive) => drive.status === "lap_complete");
    const time = (drive) => drive.time[drive.time.length - 1];
    this.ghost = laps.sort((a, b) => time(a) - time(b))[0] ?? drives[0] ?? null;
  }

  /** Back to the start line. */
  restart() {
    this._send({ restart: true });
    this.restarted = performance.now();
    this.stage.scene.chase.forget();
  }

  _pad(name) {
    const pad = make(`button.dr-pad.dr-pad--${name}`, { type: "button", "aria-label": this.words[name] }, { left: "◀", right: "▶", slower: "▼", faster: "▲" }[name]);
    const hold = (on) => (event) => {
      event.preventDefault();
      if (on) this.held.add(name);
      else this.held.delete(name);
    };
    pad.addEventListener("pointerdown", hold(true));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) pad.addEventListener(end, hold(false));
    pad.addEventListener("contextmenu", (event) => event.preventDefault());
    return pad;
  }

  _key(event, down) {
    if (event.target.closest?.("input, textarea, select, [role=slider], [role=listbox], .q-dialog")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (down && key === "r") this.restart();
    const name = KEYS[key];
    if (!name) return;
    event.preventDefault();
    if (down) this.held.add(name);
    else this.held.delete(name);
  }

  /** What keys, pads and the gamepad ask for: steering -1 (right) to 1 (left), throttle 0 to 1. */
  _wanted() {
    const pad = [...(navigator.getGamepads?.() ?? [])].find((one) => one?.connected);
    let steering = (this.held.has("left") ? 1 : 0) - (this.held.has("right") ? 1 : 0);
    let throttle = this.held.has("faster") ? 1 : this.held.has("slower") ? 0 : null;
    if (pad) {
      const stick = pad.axes[0] ?? 0;
      if (Math.abs(stick) > 0.08) steering = -stick;
      const gas = Math.max(pad.buttons[7]?.value ?? 0, pad.buttons[0]?.value ?? 0);
      if (gas > 0.05) throttle = gas;
      if ((pad.buttons[6]?.value ?? 0) > 0.1 || pad.buttons[1]?.pressed) throttle = 0;
      if (pad.buttons[9]?.pressed && !this.pressed) this.restart();
      this.pressed = pad.buttons[9]?.pressed;
    }
    return { steering, throttle, isStick: Boolean(pad && Math.abs(pad.axes[0] ?? 0) > 0.08) };
  }

  _control(elapsed) {
    const { steering, throttle, isStick } = this._wanted();
    // A key turns the wheel gradually, a stick sets it.
    const step = isStick ? 2 : elapsed / TURN_MS;
    this.steering += Math.min(Math.max(steering - this.steering, -step), step);
    // Without a foot on it the car rolls on slowly, so that corners need one hand only.
    const running = this.last?.running && performance.now() - (this.restarted ?? -Infinity) > RESTART_MS;
    const speed = throttle === null ? (running ? 0.45 * this.fastest : 0) : throttle * this.fastest;
    const command = { steering: Math.round(this.steering * FULL * 10) / 10, speed: Math.round(speed * 100) / 100 };
    const now = performance.now();
    const changed = command.steering !== this.sent?.steering || command.speed !== this.sent?.speed;
    if ((changed && now - (this.sentAt ?? 0) > 30) || now - (this.sentAt ?? 0) > 10000) {
      this.sent = command;
      this.sentAt = now;
      if (changed || running) this._send(command);
    }
  }

  _send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  _pose(buffer) {
    const [running, time, x, y, yaw, steering, speed, progress, resets, penalty, step] = new Float32Array(buffer, 0, NUMBERS);
    const pose = { running: running > 0, time, x, y, yaw, steering, speed, progress, resets, penalty, step, at: performance.now() };
    const before = this.poses[this.poses.length - 1];
    // Where the car is carried, or put back to the start, nothing is drawn in between.
    if (before && Math.hypot(before.x - x, before.y - y) > 0.8) this.poses = [];
    this.poses = [...this.poses.slice(-2), pose];
    this.last = pose;
    const picture = new Uint8Array(buffer, 4 * NUMBERS), data = this.pixels.data;
    for (let k = 0; k < WIDTH * HEIGHT; k++) data[4 * k] = data[4 * k + 1] = data[4 * k + 2] = picture[k];
    this.camera.getContext("2d").putImageData(this.pixels, 0, 0);
    this._tell(pose);
  }

  _tell(pose) {
    const { words } = this;
    this.stage.say(pose.running ? "" : this.result ?? words.ready);
    if (pose.running) this.result = null;
    this.stage.sign(pose.penalty > 0 ? `${words.penalty} ${pose.penalty.toFixed(1)} s` : "", "still");
    this.clock.textContent = lapTime(pose.time);
    this.clock.classList.toggle("is-penalty", pose.penalty > 0);
    const facts = [
      [words.speed, `${pose.speed.toFixed(1)} m/s`], [words.progress, `${Math.floor(pose.progress)} %`], [words.resets, String(pose.resets)],
    ];
    if (this.best !== null) facts.push([words.best, lapTime(this.best)]);
    this.stage.tell(facts);
  }

  _told({ ended }) {
    const time = ended.lap_time_s;
    if (time !== null) this.best = Math.min(this.best ?? Infinity, time);
    this.result = time === null ? this.words.over : this.words.lap.replace("{time}", lapTime(time));
    this.emit("ended", ended);
  }

  _frame(now) {
    if (this.over) return;
    this.request = requestAnimationFrame(this._frame);
    this._control(Math.min(now - (this.lastFrame ?? now), 100));
    this.lastFrame = now;
    if (!this.poses.length) return;
    const [a, b] = this.poses.length > 1 ? this.poses.slice(-2) : [this.poses[0], this.poses[0]];
    const share = Math.min(Math.max((performance.now() - b.at) / PERIOD, 0), 1);
    const colours = this.stage.scene.colours;
    const car = { ...(a === b ? b : poseBetween(a, b, share)), colour: colours.car };
    const cars = [car];
    if (this.ghost && this.last.running) {
      const time = a.time + share * (b.time - a.time);
      cars.unshift({ ...driveAt(this.ghost, time), colour: colours.series2, alpha: 0.6 });
    }
    this.stage.scene.draw(cars, car);
  }
}

function lapTime(seconds) {
  const total = Math.round(1000 * seconds), minutes = Math.floor(total / 60000);
  return `${String(minutes).padStart(2, "0")}:${((total % 60000) / 1000).toFixed(3).padStart(6, "0")}`;
}

/** Take the wheel in an element. */
export function mount(element, options, emit) {
  return new Drive(element, options, emit);
}
