/** Lists inside an object that Stripe cuts after ten rows: object type -> field. */
const cutLists: Record<string, string> = { invoice: "lines", credit_note: "lines" };
const mostRows = 10;

/**
 * Cuts the embedded lists of a response or an event: ten rows and `has_more`, the rest by the list endpoint.
 */
export function cutEmbeddedLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cutEmbeddedLists);
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  const fields: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, cutEmbeddedLists(child)]),
  );
  const name = cutLists[String(fields.object)];
  const list = name === undefined ? undefined : fields[name];
  if (name === undefined || !isList(list) || list.data.length <= mostRows) return fields;
  return { ...fields, [name]: { ...list, data: list.data.slice(0, mostRows), has_more: true } };
}

/** Whether an object has a list that is cut. */
export function hasCutList(value: object): boolean {
  return "object" in value && Object.hasOwn(cutLists, String(value.object));
}

function isList(value: unknown): value is { data: unknown[] } {
  return typeof value === "object" && value !== null && "data" in value && Array.isArray(value.data);
}
