/** An event as it stands on the wire. */
export type WireEvent = { id: string; data: string };

/**
 * Reads server-sent events out of text that arrives in any pieces (WHATWG HTML, 9.2). Comments and fields that we do not
 * use are passed over; an event that was cut off at the end is not given out.
 */
export function createSseParser(): { feed(text: string): WireEvent[] } {
  let rest = "";
  let id = "";
  let data: string[] = [];
  const readLine = (line: string): WireEvent | null => {
    if (line === "") {
      const event = data.length > 0 ? { id, data: data.join("\n") } : null;
      data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") data.push(value);
    if (field === "id") id = value;
    return null;
  };
  return {
    feed(text) {
      const events: WireEvent[] = [];
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = readLine(line.endsWith("\r") ? line.slice(0, -1) : line);
        if (event !== null) events.push(event);
      }
      return events;
    },
  };
}
