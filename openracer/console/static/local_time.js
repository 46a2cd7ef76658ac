// Times as <time datetime="…">: written in the time zone of whoever looks, in the language of the page.

/** Write all times of the page. */
export function localTimes() {
  const language = document.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, {
    year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit",
    hourCycle: "h23", timeZoneName: "short",
  });
  for (const element of document.querySelectorAll("time[datetime]:not([data-local])")) {
    const time = new Date(element.getAttribute("datetime"));
    if (Number.isNaN(time.getTime())) continue;
    element.textContent = format.format(time);
    element.dataset.local = "";
  }
}
