// Public pages of a race: what changes comes as pieces of HTML, by the ids of the elements that they belong into.
import { localTimes } from "./local_time.js";

/** Follow the events of a page; `listeners` take those of other names. Returns nothing: it goes on as long as the page. */
export function follow(address, listeners = {}) {
  const source = new EventSource(address);
  source.addEventListener("pieces", (event) => {
    for (const [id, html] of Object.entries(JSON.parse(event.data))) {
      const place = document.getElementById(id);
      if (place) place.innerHTML = html;
    }
    localTimes();
  });
  for (const [name, listener] of Object.entries(listeners)) {
    source.addEventListener(name, (event) => listener(JSON.parse(event.data)));
  }
  addEventListener("pagehide", () => source.close());
}

localTimes();
if (document.body.dataset.events && !document.body.dataset.broadcast) follow(document.body.dataset.events);
