// The stage: a canvas with a track scene, the buttons over it, what is told of the car, and its camera and choice.
import { LookPanel } from "./look_panel.js";
import { IS_POOR } from "./ticker.js";
import { TrackScene } from "./track_scene.js";

const READING = IS_POOR ? 350 : 110; // ms between two changes of words

const ICONS = {
  above: '<path d="M4 7l8-4 8 4-8 4z"/><path d="M4 12l8 4 8-4M4 17l8 4 8-4"/>',
  behind: '<path d="M3 19h18M7 19l3-12h4l3 12M12 9v2m0 3v2"/>',
  follow: '<circle cx="12" cy="12" r="3.2"/><path d="M12 2v4m0 12v4M2 12h4m12 0h4"/>',
  fit: '<path d="M4 9V4h5m6 0h5v5m0 6v5h-5M9 20H4v-5"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  minus: '<path d="M5 12h14"/>',
  full: '<path d="M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7"/>',
};

/** An SVG icon of ours. */
export function icon(name) {
  return `<svg viewBox="0 0 24 24" aria-hidden="true">${ICONS[name] ?? name}</svg>`;
}

/** Make an element: `make("div.a.b", {attributes}, children…)`. */
export function make(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "html") element.innerHTML = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export class Stage {
  /**
   * @param root gets the stage's elements.
   * @param options {shape, look: address of the camera and policy (none: no panel), actions, words: {name: text}}.
   * @param redraw called when a frame should be drawn although nothing moves.
   */
  constructor(root, options, redraw) {
    const words = (this.words = options.words);
    this.canvas = make("canvas.st-canvas", { tabindex: "0", role: "img", "aria-label": words.view });
    this.chip = make("div.st-chip", { role: "status" });
    this.facts = make("div.st-facts");
    this.note = make("div.st-note");
    const tool = (name, label, action) =>
      make("button.st-tool", { type: "button", title: label, "aria-label": label, html: icon(name), onclick: action });
    this.buttons = {
      above: tool("above", words.above, () => this.setView("above")),
      behind: tool("behind", words.behind, () => this.setView("behind")),
      follow: tool("follow", words.follow, () => this.scene.setFollow(!this.scene.follow)),
      fit: tool("fit", words.fit, () => this.scene.fit()),
      plus: tool("plus", words.zoom_in, () => this.scene.zoomBy(1.5)),
      minus: tool("minus", words.zoom_out, () => this.scene.zoomBy(1 / 1.5)),
    };
    const { above, behind, follow, fit, plus, minus } = this.buttons;
    this.tools = make(
      "div.st-tools", {}, make("div.st-group", {}, above, behind), make("div.st-group.st-group--zoom", {}, follow, plus, minus, fit),
    );
    this.picture = make("div.st-picture", {}, this.canvas, this.chip, this.tools, this.note);
    this.screen = make("div.st-screen", {}, this.picture, this.facts);
    this.main = make("div.st-main", {}, this.screen);
    root.classList.add("st");
    root.append(this.main);
    this.scene = new TrackScene(this.canvas, options.shape, () => {
      this._showButtons();
      redraw();
    });
    if (options.look) {
      this.look = new LookPanel(options, words);
      root.append(this.look.element);
    }
    this.canvas.addEventListener("keydown", (event) => this._key(event));
    this.setView("above");
  }

  destroy() {
    this.scene.destroy();
    this.look?.destroy();
  }

  setView(view) {
    this.scene.setView(view);
    this._showButtons();
  }

  /** What is told of the car: [[label, value] …]; not with every picture, because nobody reads that quickly. */
  tell(facts) {
    const now = performance.now(), same = this.facts.childElementCount === facts.length;
    this.tells = !same || now - (this.told ?? 0) > READING || !this.playing;
    if (!this.tells) return;
    this.told = now;
    if (!same) {
      this.facts.replaceChildren(
        ...facts.map(([label]) => make("div.st-fact", {}, make("span.st-fact__value"), make("span.st-fact__label", {}, label))),
      );
    }
    facts.forEach(([, value], k) => {
      const place = this.facts.children[k].firstChild;
      if (place.textContent !== value) place.textContent = value;
    });
  }

  /** A short word at the upper left, its dot in the colour of `kind`: live, still or over. */
  sign(text, kind) {
    if (this.chip.textContent !== text) this.chip.textContent = text;
    if (this.chip.dataset.kind !== kind) this.chip.dataset.kind = kind;
    if (this.chip.hidden !== !text) this.chip.hidden = !text;
  }

  /** A sentence in the middle, where there is nothing to show yet. */
  say(text) {
    if (this.note.textContent === text && this.note.hidden === !text) return;
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  _showButtons() {
    if (!this.scene) return;
    const { view, follow } = this.scene;
    const pressed = { above: view === "above", behind: view === "behind", follow };
    for (const [name, on] of Object.entries(pressed)) this.buttons[name].setAttribute("aria-pressed", on);
    this.tools.lastChild.hidden = view !== "above";
  }

  _key(event) {
    const actions = {
      "+": () => this.scene.zoomBy(1.5), "-": () => this.scene.zoomBy(1 / 1.5), 0: () => this.scene.fit(),
      f: () => this.scene.setFollow(!this.scene.follow),
      v: () => this.setView(this.scene.view === "above" ? "behind" : "above"),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }
}
