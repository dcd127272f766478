// Times in the language and time zone of this phone.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Formats a time as 03:12, with its day where that is not today. */
export function at(iso) {
  const time = new Date(iso);
  const today = time.toDateString() === new Date().toDateString();
  return today ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`;
}

/** Formats 2026-01-31 as Sat 31 Jan. */
export function evening(date) {
  return day.format(new Date(`${date}T18:00`));
}

/** Formats a duration as 12 min or 2 h 5 min. */
export function lasting(from, to) {
  const minutes = Math.max(1, Math.round((new Date(to) - new Date(from)) / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Returns a speaker's text with its UTC times in this phone's time zone. */
export function localized(text) {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, at);
}
