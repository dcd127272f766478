// List of the paired phones, each with a button that unpairs it.
import { get, post } from "/static/ask.js";
import { at } from "/static/when.js";

const details = document.querySelector("#phones");

details.addEventListener("toggle", () => details.open && list());

async function list() {
  const { phones, this: own } = await get("/phones");
  details.querySelector("ul").replaceChildren(...phones.map((phone) => item(phone, phone.id === own)));
}

function item({ id, name, paired_s: paired, seen_s: seen }, isThis) {
  const made = document.createElement("li");
  const button = document.createElement("button");
  const times = `paired ${at(paired * 1000)}, last seen ${at(seen * 1000)}`;
  made.append(`${name}${isThis ? " (this phone)" : ""}: ${times} `, button);
  button.type = "button";
  button.textContent = "Unpair";
  button.setAttribute("aria-label", `Unpair ${name}`);
  button.addEventListener("click", async () => {
    await post("/unpair", { id });
    if (isThis) location.replace("/pair");
    else await list();
  });
  return made;
}
