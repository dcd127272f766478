// Exchanges a one-time code for a session. The code is sent only when the button is pressed.
import "/static/day.js";
import { get, post } from "/static/ask.js";

const code = document.querySelector("#code");
const name = document.querySelector("#name");
const answer = document.querySelector(".answer");

/** Returns a name for this phone from its user agent. */
function guess() {
  const found = /iPhone|iPad|Android|Macintosh|Windows|Linux/.exec(navigator.userAgent);
  return found ? `${found[0]}${found[0] === "Android" ? " phone" : ""}` : "a phone";
}

/** Returns the code, also from a pasted link. */
function plain(text) {
  return text.slice(text.lastIndexOf("#") + 1).trim();
}

name.value = guess();
if (location.hash) {
  code.value = plain(location.hash);
  history.replaceState(null, "", "/pair"); // removes the code from the address bar and the history
} else if ((await get("/alive")).paired) {
  location.replace("/");
}

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.textContent = "";
  const { accepted, detail } = await post("/pair", { code: plain(code.value), name: name.value });
  if (accepted) location.replace("/");
  else answer.textContent = `Not paired: ${detail}`;
});
