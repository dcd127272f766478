// Page while hushd cannot be reached: retries until it responds.
import "/static/day.js";

async function retry() {
  try {
    await fetch("/alive", { cache: "no-store" });
    location.reload();
  } catch {
    // not reachable yet
  }
}

document.querySelector("button").addEventListener("click", retry);
setInterval(retry, 4_000);
