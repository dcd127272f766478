// Requests of the page to its server, except the live stream.

/** GET JSON; throws where the request fails. */
export async function get(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** POST a small object; resolves to {accepted, detail}, with accepted null where the result is unknown. */
export async function post(path, fields) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-hushd": "1" },
      body: JSON.stringify(fields),
    });
    return await response.json();
  } catch {
    return { accepted: null, detail: "this phone cannot reach hushd" };
  }
}
