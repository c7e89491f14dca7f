import { type RefObject, useLayoutEffect } from "react";

/**
 * Fits a text field's height to its content, up to its CSS maximum. Does nothing in browsers that support
 * `field-sizing`, because measuring forces two layouts per keystroke.
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
