import type { KeyboardEvent } from "react";

/**
 * Whether a key in a field of text means "send". Enter also chooses a word in Japanese or Chinese input, which must not
 * send; Safari ends the composition first, and tells by the key code 229 alone. On a phone Enter makes a new line,
 * because the button is under the thumb.
 */
export function isSendKey(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
  if (event.key !== "Enter" || event.shiftKey) return false;
  if (event.nativeEvent.isComposing || event.keyCode === 229) return false;
  return !window.matchMedia("(pointer: coarse)").matches;
}
