// The colours of the console for canvases, which cannot read style sheets themselves.

const TOKENS = {
  surface: "--surface", sunken: "--sunken", line: "--line", lineStrong: "--line-strong", ink: "--ink",
  ink2: "--ink-2", ink3: "--ink-3", accent: "--accent", good: "--good", bad: "--bad", field: "--track-field",
  road: "--track-road", border: "--track-border", centre: "--track-centre", car: "--track-car",
  series1: "--series-1", series2: "--series-2", series3: "--series-3", series4: "--series-4",
};

/** The colours as they are now, by short names; `dark` tells which theme it is. */
export function palette() {
  const style = getComputedStyle(document.body);
  const colours = { dark: document.body.classList.contains("body--dark"), font: style.fontFamily };
  for (const [name, token] of Object.entries(TOKENS)) colours[name] = style.getPropertyValue(token).trim();
  return colours;
}

/** Calls `changed` whenever the theme changes; returns what ends that. */
export function onThemeChange(changed) {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** Gives a canvas as many pixels as its box has on this screen; returns width, height in CSS pixels and the ratio. */
export function fitCanvas(canvas) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const columns = Math.round(width * ratio), rows = Math.round(height * ratio);
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  return { width, height, ratio };
}
