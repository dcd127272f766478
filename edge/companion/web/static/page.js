// Live page: shows the server's events, and a warning as soon as they stop.
import "/static/day.js";
import "/static/phones.js";
import { get } from "/static/ask.js";
import { Speaker } from "/static/speaker.js";
import { at } from "/static/when.js";

const SILENT_MS = 12_000; // the server sends an event every 5 s
const RETRY_MS = 2_000;

const speakers = new Map();
const lost = document.querySelector("#lost");
const warnings = document.querySelector("#warnings");
const said = document.querySelector("#said");
const line = document.querySelector("#line");

let house = { broker: null, warnings: [], devices: [] };
let lastEventAt = Date.now();
let lostAfter = lastEventAt + SILENT_MS;
let live = false;
let announced = "";

function connect() {
  const stream = new EventSource("/stream");
  stream.addEventListener("house", (event) => {
    house = JSON.parse(event.data);
    markLive();
    show();
  });
  stream.addEventListener("beat", markLive);
  stream.addEventListener("error", () => {
    markLost();
    // The browser reconnects by itself after a lost connection, but not after an error response.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => checkPairing(stream), RETRY_MS);
  });
  return stream;
}

/** Tells an unpaired phone from a server that is starting, after an error response. */
async function checkPairing(failed) {
  try {
    if (!(await get("/alive")).paired) return location.replace("/pair");
  } catch {
    // not reachable
  }
  if (stream === failed) stream = connect();
}

function markLive() {
  lastEventAt = Date.now();
  lostAfter = lastEventAt + SILENT_MS;
  if (live) return;
  live = true;
  show();
}

function markLost() {
  if (!live && !lost.hidden) return;
  live = false;
  show();
}

function show() {
  line.textContent = live ? "live" : "not live";
  document.documentElement.classList.toggle("lost", !live);
  lost.textContent = live
    ? house.broker && `Nothing is known of the speakers: ${house.broker}.`
    : `This phone has lost hushd at ${at(lastEventAt)}. What the baby is doing is not known here. Trying again …`;
  lost.hidden = !lost.textContent;
  warnings.textContent = live ? house.warnings.join(" ") : "";
  warnings.hidden = !warnings.textContent;
  document.querySelector("#none").hidden = house.devices.length > 0 || !live;
  for (const [name, gone] of speakers) {
    if (house.devices.some((view) => view.device === name)) continue;
    gone.section.remove();
    speakers.delete(name);
  }
  for (const view of house.devices) speaker(view.device).show(view, live);
  announce();
}

function speaker(name) {
  if (!speakers.has(name)) {
    speakers.set(name, new Speaker(name));
    document.querySelector("#speakers").append(speakers.get(name).section);
  }
  return speakers.get(name);
}

/** Announces each change to screen readers, without the level, which changes all the time. */
function announce() {
  const words = house.devices.map((view) => `${view.device}: ${view.warning ?? view.headline}`).join(". ");
  document.title = live ? words || "hushd" : "hushd is out of reach";
  if (!live || words === announced) return;
  announced = words;
  said.textContent = words;
}

let stream = connect();

// A page that returns from the background shows an old state, so check at once.
function checkStream() {
  if (Date.now() <= lostAfter) return;
  markLost();
  stream.close();
  lostAfter = Date.now() + 3 * RETRY_MS; // for the next attempt
  stream = connect();
}

setInterval(checkStream, 1_000);
document.addEventListener("visibilitychange", () => document.hidden || checkStream());
addEventListener("pageshow", checkStream);

if (navigator.serviceWorker) {
  const ours = { createScriptURL: () => "/worker.js" };
  const policy = window.trustedTypes?.createPolicy("worker", ours) ?? ours;
  navigator.serviceWorker.register(policy.createScriptURL(""));
}
