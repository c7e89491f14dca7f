const hiddenFields = new Set(["time", "level", "msg", "event", "durationMs", "err", "outcome"]);

/** Formats a JSON log line for a terminal: time, level, message, duration, then the other fields. */
export function formatLogLine(json: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(json);
  } catch {
    return json;
  }
  const time = String(entry.time ?? "").slice(11, 19);
  const rest = Object.entries(entry)
    .filter(([name]) => !hiddenFields.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const duration = entry.durationMs === undefined ? [] : [`${entry.durationMs} ms`];
  const line = [
    time,
    String(entry.level ?? "").padEnd(5),
    String(entry.msg ?? ""),
    ...duration,
    ...rest,
  ].join(" ");
  return `${line.trimEnd()}\n${formatError(entry.err)}`;
}

function formatError(err: unknown): string {
  if (!(err instanceof Object)) return "";
  const { name, message, stack, cause } = err as Record<string, unknown>; // log-fields.ts wrote this object.
  const lines = Array.isArray(stack) ? stack.map((line) => `      ${line}`) : [];
  const causeText = cause instanceof Object ? `      caused by\n${formatError(cause)}` : "";
  return `    ${name}: ${message}\n${lines.map((line) => `${line}\n`).join("")}${causeText}`;
}
