
"use strict";
// A page of clips: j and k move, space plays, a label's key decides. Decisions stay in this browser until saved.
const clips = [...document.querySelectorAll(".clip")];
const store = `hushd-${document.body.dataset.page}`;
const decisions = JSON.parse(localStorage.getItem(store) || "{}");
let current = -1;

function go(index) {
  if (!clips.length) return;
  clips[current]?.classList.remove("current");
  current = Math.max(0, Math.min(clips.length - 1, index));
  clips[current].classList.add("current");
  clips[current].scrollIntoView({ block: "center" });
  clips[current].focus({ preventScroll: true });
}

function play(sound) {
  if (!sound) return;
  const audio = player(sound);
  if (audio.paused) audio.play();
  else audio.pause();
}

function moveCursor(sound, audio) {
  if (audio.paused) return;
  const share = audio.currentTime / (audio.duration || Number(sound.dataset.duration));
  sound.querySelector(".picture i").style.left = `${100 * share}%`;
  requestAnimationFrame(() => moveCursor(sound, audio));
}

function select(index) {
  if (index === current) return;
  clips[current]?.classList.remove("current");
  current = index;
}

// Created on demand: a browser's player has a hundred elements, and a thousand players delay the page by half a minute.
function player(sound) {
  const existing = sound.querySelector(".player > audio");
  if (existing) return existing;
  const audio = document.createElement("audio");
  audio.controls = true;
  audio.preload = "none";
  audio.src = sound.dataset.audio;
  audio.setAttribute("aria-label", sound.dataset.name);
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll(".playing audio")) if (other !== audio) other.pause();
    sound.classList.add("playing");
    moveCursor(sound, audio);
  });
  for (const end of ["pause", "ended"]) audio.addEventListener(end, () => sound.classList.remove("playing"));
  sound.querySelector(".player").replaceChildren(audio);
  return audio;
}

const visible = new IntersectionObserver((seen) => {
  for (const each of seen) if (each.isIntersecting) { visible.unobserve(each.target); player(each.target); }
}, { rootMargin: "50%" });

for (const sound of document.querySelectorAll(".sound")) {
  visible.observe(sound);
  sound.querySelector(".picture").addEventListener("click", (event) => {
    const audio = player(sound);
    const box = event.currentTarget.getBoundingClientRect();
    audio.currentTime = ((event.clientX - box.left) / box.width) * Number(sound.dataset.duration);
    if (audio.paused) audio.play();
  });
}

for (const [index, clip] of clips.entries()) {
  clip.addEventListener("pointerdown", () => select(index));
  clip.addEventListener("focusin", () => select(index));
  for (const radio of clip.querySelectorAll("input[type=radio]")) {
    radio.checked = decisions[clip.dataset.clip] === radio.value;
    radio.addEventListener("change", () => decide(clip, radio.value));
  }
}

function decide(clip, label) {
  const digest = clip.dataset.clip;  // a clip may be on the page more than once
  decisions[digest] = label;
  for (const radio of document.querySelectorAll(`.clip[data-clip="${digest}"] input[type=radio]`)) radio.checked = radio.value === label;
  localStorage.setItem(store, JSON.stringify(decisions));
  count();
}

function count() {
  const decided = document.getElementById("decided");
  if (decided) decided.value = Object.keys(decisions).length;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target.matches("input:not([type=radio]), textarea")) return;
  const clip = clips[current];
  if (event.key === "j") go(current + 1);
  else if (event.key === "k") go(current - 1);
  else if (event.key === " " && !target.matches("button, summary, a, input")) {
    if (!clip) go(0);
    play(clips[current].querySelector(".sound"));
  } else if (event.key === "o" && clip) {
    play(clip.querySelectorAll(".sound")[1]);
  } else {
    const radio = clip && [...clip.querySelectorAll("input[type=radio]")].find((each) => each.dataset.key === event.key);
    if (!radio) return;
    decide(clip, radio.value);
  }
  event.preventDefault();
});

document.getElementById("save")?.addEventListener("click", () => {
  const name = document.getElementById("adjudicator");
  name.required = true;
  if (!name.reportValidity()) return;
  const at = new Date().toISOString();
  const rows = Object.entries(decisions).map(([clip, label]) =>
    [clip, label, `adjudication:${name.value.trim()}`, document.body.dataset.guideline, at].join(","));
  const table = ["clip,label,labeller,guideline,at", ...rows].join("\n") + "\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([table], { type: "text/csv" }));
  link.download = "adjudications.csv";
  link.click();
});
count();
