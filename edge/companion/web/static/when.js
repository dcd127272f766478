// Times, in the words and the time zone of this phone.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** 03:12, or with its day where that is not today. */
export function at(iso) {
  const time = new Date(iso);
  const today = time.toDateString() === new Date().toDateString();
  return today ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`;
}

/** Sat 31 Jan, of 2026-01-31. */
export function evening(date) {
  return day.format(new Date(`${date}T18:00`));
}

/** 12 min, or 2 h 5 min. */
export function lasting(from, to) {
  const minutes = Math.max(1, Math.round((new Date(to) - new Date(from)) / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A sentence of the speaker, with its UTC times as this phone's. */
export function localized(text) {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, at);
}
