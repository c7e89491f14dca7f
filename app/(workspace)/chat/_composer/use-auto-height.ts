import { type RefObject, useLayoutEffect } from "react";

/**
 * Lets a field grow with what is written, up to the height that its style allows. Browsers that know `field-sizing` do so by
 * themselves; measuring would lay the whole conversation out anew, twice a keystroke.
 */
export function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
}
