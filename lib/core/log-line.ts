const hiddenOnScreen = new Set(["time", "level", "msg", "event", "durationMs", "err", "outcome"]);

/** One JSON line of the log as a developer reads it: time, level, what happened, how long it took, then the rest. */
export function readableLine(json: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(json);
  } catch {
    return json;
  }
  const time = String(entry.time ?? "").slice(11, 19);
  const rest = Object.entries(entry)
    .filter(([name]) => !hiddenOnScreen.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const duration = entry.durationMs === undefined ? [] : [`${entry.durationMs} ms`];
  const line = [
    time,
    String(entry.level ?? "").padEnd(5),
    String(entry.msg ?? ""),
    ...duration,
    ...rest,
  ].join(" ");
  return `${line.trimEnd()}\n${readableError(entry.err)}`;
}

function readableError(err: unknown): string {
  if (!(err instanceof Object)) return "";
  const { name, message, stack, cause } = err as Record<string, unknown>; // Written by ourselves, see log-fields.ts.
  const lines = Array.isArray(stack) ? stack.map((line) => `      ${line}`) : [];
  const because = cause instanceof Object ? `      because of\n${readableError(cause)}` : "";
  return `    ${name}: ${message}\n${lines.map((line) => `${line}\n`).join("")}${because}`;
}
