// Dark theme, unless it is day and the phone is set to light: a white page is too bright at night.
const light = matchMedia("(prefers-color-scheme: light)");

function look() {
  const hour = new Date().getHours();
  document.documentElement.classList.toggle("day", light.matches && hour >= 7 && hour < 20);
}

look();
light.addEventListener("change", look);
setInterval(look, 60_000);
