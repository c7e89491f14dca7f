/** A piece of an answer, separated into what the model thought and what it answered. */
type Separated = { text: string; reasoning: string };

/** More white space than this before the tag makes it text. */
const maxSpace = 16;
const opening = /^\s{0,16}<(think|thinking|thought)>/;
const openings = ["<think>", "<thinking>", "<thought>"];

/**
 * Separates thinking that a model wrote as `<think>...</think>` at the start of its text, as models of the
 * Qwen and R1 families do where the server has no parser, and Gemini as `<thought>`. Tags anywhere else are
 * text. The work for a piece does not depend on the length of the text before it.
 * @param startsThinking true for models whose prompt ends with the opening tag, so that only the closing tag
 *   is in the text
 */
export function createThinkSplitter(startsThinking = false) {
  let state: "start" | "thinking" | "answer" = "start";
  /** Text that may be part of a tag; at most as long as a tag and the white space before it. */
  let held = "";
  let closing = "</think>";
  /** White space after a tag is dropped. */
  let isAfterTag = false;

  function afterTag(text: string): string {
    if (!isAfterTag) return text;
    const trimmed = text.trimStart();
    if (trimmed !== "") isAfterTag = false;
    return trimmed;
  }

  function think(text: string): Separated {
    const end = text.indexOf(closing);
    if (end === -1) {
      const keep = lengthOfPartialTag(text, closing);
      held = text.slice(text.length - keep);
      return { text: "", reasoning: afterTag(text.slice(0, text.length - keep)) };
    }
    const reasoning = afterTag(text.slice(0, end));
    state = "answer";
    isAfterTag = true;
    return { text: afterTag(text.slice(end + closing.length)), reasoning };
  }

  return {
    feed(piece: string): Separated {
      if (state === "answer") return { text: afterTag(piece), reasoning: "" };
      if (piece === "") return { text: "", reasoning: "" };
      const text = held + piece;
      held = "";
      if (state === "thinking") return think(text);
      const tag = opening.exec(text);
      if (tag !== null) {
        state = "thinking";
        isAfterTag = true;
        closing = `</${tag[1]}>`;
        return think(text.slice(tag[0].length));
      }
      if (mayBecomeTag(text)) {
        held = text;
        return { text: "", reasoning: "" };
      }
      if (startsThinking) {
        state = "thinking";
        isAfterTag = true;
        return think(text);
      }
      state = "answer";
      return { text, reasoning: "" };
    },
    /** Returns what was held back; no further piece may follow. */
    end(): Separated {
      const rest = held;
      held = "";
      return state === "thinking" ? { text: "", reasoning: afterTag(rest) } : { text: rest, reasoning: "" };
    },
  };
}

/** Whether a text is the beginning of an opening tag, after a little white space. */
function mayBecomeTag(text: string): boolean {
  const start = text.trimStart();
  return text.length - start.length <= maxSpace && openings.some((tag) => tag.startsWith(start));
}

/** The length of the longest end of `text` with which `tag` begins. */
function lengthOfPartialTag(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

/** Separates a complete text. */
export function separateThinking(text: string, startsThinking = false): Separated {
  const splitter = createThinkSplitter(startsThinking);
  const first = splitter.feed(text);
  const last = splitter.end();
  return { text: first.text + last.text, reasoning: first.reasoning + last.reasoning };
}
