// Everything the page asks of its server, beside the live stream.

/** GET a private answer; throws where there is none. */
export async function get(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** POST a small object; always answers {accepted, detail}, and accepted is null where nobody knows. */
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
