import { useSearchParams } from "next/navigation";
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";

/** The parameter of a chat's URL that names the message to show. */
const parameter = "message";

/** A message to scroll to; a new object for every jump, also to the same message. */
export type JumpTarget = { id: string };

/**
 * The message that the URL names. It is switched to its branch first. The parameter then leaves the URL, so
 * that the same link works again and a reload stays where the user is.
 */
export function useJumpTarget(
  messages: readonly ClientMessage[],
  branch: readonly VisibleMessage[],
  compared: readonly VisibleMessage[],
  switchTo: (id: string) => void,
): JumpTarget | null {
  const id = useSearchParams().get(parameter);
  const [target, setTarget] = useState<JumpTarget | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: jumps once for each link that is followed
  useEffect(() => {
    if (id === null) return;
    window.history.replaceState(null, "", window.location.pathname);
    if (!messages.some((message) => message.id === id)) return;
    const shownId = compared.some((answer) => answer.id === id) ? (branch.at(-1)?.id ?? id) : id;
    if (findPlace(branch, shownId) === -1) switchTo(shownId);
    setTarget({ id: shownId });
  }, [id]);
  return target;
}

/** The place on the branch of a message, or of the answer that it is a part of; -1 if it is not there. */
export function findPlace(branch: readonly VisibleMessage[], id: string): number {
  return branch.findIndex(({ ids }) => ids.includes(id));
}

const spaceAbove = 24;
/** Earlier messages may get another height while they are rendered. */
const settleFrames = 30;
const highlightMs = 2_500;

/**
 * Scrolls to the target, gives it the focus and highlights it for a moment.
 * @param shownId of the message that shows the target; undefined while it is not on the branch
 * @param onJump called before it scrolls
 */
export function useJump(
  target: JumpTarget | null,
  shownId: string | undefined,
  list: RefObject<HTMLElement | null>,
  onJump: () => void,
): void {
  useLayoutEffect(() => {
    const frame = list.current;
    const element = frame?.querySelector(`[data-message="${shownId}"]`);
    if (target === null || shownId === undefined || frame === null || !(element instanceof HTMLElement))
      return;
    onJump();
    const stop = keepInView(frame, element);
    element.focus({ preventScroll: true });
    highlight(element);
    return stop;
  }, [target, shownId, list, onJump]);
}

/** Keeps an element at the top until the layout has settled or the user scrolls. */
function keepInView(frame: HTMLElement, element: HTMLElement): () => void {
  let left = settleFrames;
  let request = 0;
  const align = () => {
    frame.scrollTop += element.getBoundingClientRect().top - frame.getBoundingClientRect().top - spaceAbove;
    left -= 1;
    if (left > 0) request = requestAnimationFrame(align);
  };
  const stop = () => {
    left = 0;
    cancelAnimationFrame(request);
  };
  for (const event of ["wheel", "touchstart", "pointerdown"])
    frame.addEventListener(event, stop, { once: true, passive: true });
  frame.addEventListener("keydown", (event) => !isComposing(event) && stop(), { passive: true });
  align();
  return stop;
}

function highlight(element: HTMLElement): void {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const marked = {
    backgroundColor: "var(--accent-soft)",
    boxShadow: "0 0 0 0.5rem var(--accent-soft)",
    borderRadius: "0.25rem",
  };
  const plain = {
    backgroundColor: "transparent",
    boxShadow: "0 0 0 0.5rem transparent",
    borderRadius: "0.25rem",
  };
  // The item around the message has padding below it.
  (element.firstElementChild ?? element).animate([marked, { ...marked, offset: 0.6 }, plain], {
    duration: highlightMs,
    easing: isStill ? "step-end" : "ease-out",
  });
}
