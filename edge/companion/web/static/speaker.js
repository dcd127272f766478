// Section of one speaker: its state, and the buttons that send commands.
import { get, post } from "/static/ask.js";
import { show } from "/static/nights.js";
import { at, localized, zone } from "/static/when.js";

const REFRESH_MS = 300_000;

/** Returns why no phone is notified. */
function muted({ alerts, snoozed_until: until }) {
  if (!alerts) return "Alerts are off: nobody is called.";
  return until && `Snoozed: nobody is called until ${at(until)}.`;
}

export class Speaker {
  constructor(name) {
    const made = document.querySelector("#speaker").content.cloneNode(true);
    this.name = name;
    this.section = made.firstElementChild;
    this.find("h2").textContent = name;
    this.find("h2").id = `speaker-${name}`;
    this.section.setAttribute("aria-labelledby", `speaker-${name}`);
    for (const group of this.section.querySelectorAll(".group")) {
      group.setAttribute("aria-label", `${group.querySelector("h3").textContent}, ${name}`);
    }
    this.section.addEventListener("click", (event) => this.order(event.target.closest("[data-order]")));
    setInterval(() => this.history(), REFRESH_MS);
  }

  find(selector) {
    return this.section.querySelector(selector);
  }

  /** Shows a speaker's live view; with `live` false, its last state is not shown as the current one. */
  show(told, live) {
    this.told = told;
    const { mood, headline, since, why, level } = live ? told : { headline: "Not known" };
    this.section.dataset.mood = mood ?? "unknown";
    this.section.classList.toggle("going", live && told.going);
    this.text(".warning", live ? told.warning : null);
    this.text(".headline", headline);
    this.text(".since", since && `since ${at(since)}`);
    this.text(".why", why);
    this.find(".level").hidden = !level;
    this.find("meter").value = level?.share ?? 0;
    this.find(".words").textContent = level?.words ?? "";
    this.orders(told, live);
    if (live && told.news !== this.news) {
      this.news = told.news;
      this.history();
    }
  }

  orders(told, live) {
    for (const button of this.section.querySelectorAll("[data-order]")) button.disabled = !live;
    this.find(".go").hidden = !told.under_way || told.going;
    this.find(".verdicts").hidden = !told.episode;
    this.text(".muted", live ? muted(told) : null);
    this.text(".model", told.model && `Model ${told.model}`);
    this.find(".wake").hidden = !told.snoozed_until;
    this.find("[role=switch]").setAttribute("aria-checked", String(told.alerts));
    for (const button of this.section.querySelectorAll("[data-order=sensitivity]")) {
      button.setAttribute("aria-pressed", String(button.dataset.value === told.sensitivity));
    }
    for (const button of this.section.querySelectorAll("[data-order=feedback]")) {
      button.setAttribute("aria-pressed", String(told.answered.includes(button.dataset.value)));
    }
  }

  async order(button) {
    if (!button) return;
    const name = button.dataset.order;
    const value = {
      acknowledge: () => this.told.episode,
      feedback: () => `${this.told.episode} ${button.dataset.value}`,
      alerts: () => (this.told.alerts ? "off" : "on"),
    }[name]?.() ?? button.dataset.value;
    this.find(".answer").textContent = `Asking ${this.name} …`;
    button.setAttribute("aria-busy", "true");
    const { accepted, detail } = await post("/command", { device: this.name, name, value });
    button.removeAttribute("aria-busy");
    this.find(".answer").classList.toggle("refused", !accepted);
    this.find(".answer").textContent = `${accepted ? "Done" : accepted === false ? "Refused" : "Not sure"}: ${plainly(detail)}`;
  }

  async history() {
    try {
      const query = new URLSearchParams({ device: this.name, zone });
      show(this.section, await get(`/history?${query}`));
    } catch {
      this.news = undefined; // requested again with the next event
    }
  }

  text(selector, text) {
    const shown = this.find(selector);
    shown.textContent = text ?? "";
    shown.hidden = !text;
  }
}

/** Returns the speaker's reply without the episode's id, which has no meaning for a parent. */
function plainly(detail) {
  const short = detail.replace(/ (of|for) episode \S+$/, "");
  return localized(short).replace(/^\w+ kept$/, (verdict) => verdict.replaceAll("_", " "));
}
