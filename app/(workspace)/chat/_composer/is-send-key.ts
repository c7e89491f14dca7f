import type { KeyboardEvent } from "react";

/**
 * Whether a key press in a text field sends the message. Enter during IME composition confirms a word and
 * must not send; Safari ends the composition before the event and only reports key code 229. On touch devices
 * Enter adds a line.
 */
export function isSendKey(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
  if (event.key !== "Enter" || event.shiftKey) return false;
  if (event.nativeEvent.isComposing || event.keyCode === 229) return false;
  return !window.matchMedia("(pointer: coarse)").matches;
}
