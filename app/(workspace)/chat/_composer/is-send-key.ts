import type { KeyboardEvent } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";

/** Whether a key press in a text field sends the message. On touch devices Enter adds a line. */
export function isSendKey(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
  if (event.key !== "Enter" || event.shiftKey) return false;
  if (isComposing(event)) return false;
  return !window.matchMedia("(pointer: coarse)").matches;
}
