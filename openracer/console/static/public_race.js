// Public pages of a race: what changes comes as pieces of HTML, by the ids of the elements that they belong into.
import { mount } from "./broadcast.js";
import "./local_time.js";

const stage = document.getElementById("stage");
if (stage) mount(stage, JSON.parse(stage.dataset.options));

const { events } = document.body.dataset;
if (events) {
  const source = new EventSource(events);
  source.addEventListener("pieces", (event) => {
    for (const [id, html] of Object.entries(JSON.parse(event.data))) document.getElementById(id).innerHTML = html;
  });
  addEventListener("pagehide", () => source.close());
}
