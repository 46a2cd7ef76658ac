// Times as <time datetime="…">: written in the time zone of whoever looks, in the language of the page.

const language = document.documentElement.lang || undefined;
const format = new Intl.DateTimeFormat(language, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});

/** Write all times of the page that are not written yet. */
function write() {
  for (const element of document.querySelectorAll("time[datetime]:not([data-local])")) {
    const time = new Date(element.getAttribute("datetime"));
    element.dataset.local = "";
    if (!Number.isNaN(time.getTime())) element.textContent = format.format(time);
  }
}

write();
new MutationObserver(write).observe(document.documentElement, { childList: true, subtree: true });
