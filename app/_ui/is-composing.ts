type KeyPress = { keyCode: number; isComposing?: boolean; nativeEvent?: { isComposing?: boolean } };

/**
 * Whether a key press belongs to an input method (Japanese, Chinese, Korean and others): Enter confirms a
 * word and Escape discards it there, so a key handler must ignore it. Safari ends the composition before the
 * event and only reports key code 229.
 */
export function isComposing(event: KeyPress): boolean {
  return event.isComposing === true || event.nativeEvent?.isComposing === true || event.keyCode === 229;
}

/** Keeps a dialog or menu open when Escape belongs to an input method; for Radix's `onEscapeKeyDown`. */
export function ignoreComposition(event: KeyboardEvent): void {
  if (isComposing(event)) event.preventDefault();
}
