// Draws the last nights and lists their episodes. The server computes the position of each span.
import { at, evening, lasting, localized } from "/static/when.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const THINNEST = 7; // minimum width: a minute of a night is thinner than a pixel, and must be visible
const PAGE = 10;

const VERDICTS = { right: "Right", false_alarm: "False alarm", somebody_was_there: "Somebody was there" };

/** Shows the nights and episodes in a speaker's section. */
export function show(section, history) {
  const [latest] = history.nights;
  section.querySelector(".hours").replaceChildren(...latest.hours.map(([hour, share]) => tick(hour, share)));
  section.querySelector(".lines").replaceChildren(...history.nights.map(night));
  list(section, history.episodes, Number(section.dataset.shown ?? PAGE));
}

function tick(hour, share) {
  const mark = element("span", "", `${hour}:00`);
  mark.style.left = `${share * 100}%`;
  return mark;
}

function night({ evening: date, hours, spans, short, summary }) {
  const item = element("li");
  const brief = element("span", "summary", short);
  brief.setAttribute("aria-hidden", "true");
  item.append(element("span", "evening", evening(date)), brief, element("span", "unseen", summary), line(hours, spans));
  return item;
}

/** Draws one night's line; the text beside it has the same content. */
function line(hours, spans) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} 24`, preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(shape("rect", { class: "night", width: WIDTH, height: 24 }));
  for (const [, share] of hours) svg.append(shape("rect", { class: "hour", x: share * WIDTH - 1, width: 2, height: 24 }));
  for (const { kind, began, ended } of spans) {
    const width = Math.max(THINNEST, (ended - began) * WIDTH);
    const x = Math.min(began * WIDTH, WIDTH - width);
    svg.append(shape("rect", { class: kind, x, width, y: kind === "gap" ? 16 : 2, height: kind === "gap" ? 8 : 20 }));
  }
  return svg;
}

function list(section, episodes, shown) {
  const items = episodes.slice(0, shown).map(episode);
  section.querySelector(".episodes").replaceChildren(...(items.length ? items : [element("li", "", "None so far.")]));
  const more = section.querySelector(".more");
  more.hidden = episodes.length <= shown;
  more.onclick = () => {
    section.dataset.shown = shown + 5 * PAGE;
    list(section, episodes, shown + 5 * PAGE);
  };
}

function episode({ onset, ended, why, calls, muted, soothed, going, verdict }) {
  const item = element("li");
  const time = element("time", "", ended ? `${at(onset)}, ${lasting(onset, ended)}` : at(onset));
  time.dateTime = onset;
  const called = calls ? `called ${calls === 1 ? "once" : `${calls} times`}` : localized(muted ?? "did not call");
  const told = [called, soothed && "soothed", going && "somebody went", VERDICTS[verdict]].filter(Boolean);
  item.append(time, element("p", "", why), element("p", "told", told.join(" · ")));
  return item;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
