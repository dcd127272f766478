// Turns a one-time code into a session. The code is sent only when somebody presses the button.
import "/static/day.js";
import { get, post } from "/static/ask.js";

const code = document.querySelector("#code");
const name = document.querySelector("#name");
const answer = document.querySelector(".answer");

/** What this phone is, as far as it says. */
function guess() {
  const found = /iPhone|iPad|Android|Macintosh|Windows|Linux/.exec(navigator.userAgent);
  return found ? `${found[0]}${found[0] === "Android" ? " phone" : ""}` : "a phone";
}

/** Also a whole link may have been pasted. */
function plain(text) {
  return text.slice(text.lastIndexOf("#") + 1).trim();
}

name.value = guess();
if (location.hash) {
  code.value = plain(location.hash);
  history.replaceState(null, "", "/pair"); // a code shall not stay in the address line
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
