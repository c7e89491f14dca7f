"use client";

import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { Answer } from "#app/(workspace)/chat/_messages/answer.tsx";
import { useEarlier } from "#app/(workspace)/chat/_messages/use-windowed-history.ts";
import { UserMessage } from "#app/(workspace)/chat/_messages/user-message.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/read-chat-frame.ts";
import type { ChatState, ClientMessage, ShownMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";

type Props = {
  branch: ShownMessage[];
  models: PickerModel[];
  running: ChatState["running"];
  waiting: boolean;
  /** The message that is being changed. */
  edited: string | null;
  onEditing: (id: string | null) => void;
  onEdit: (message: ClientMessage, text: string) => void;
  onSwitch: (id: string) => void;
  onRegenerate: (answer: ClientMessage, model?: string) => void;
};

/** So many messages at the end are always drawn, so that the end is where it is. */
const drawnAtOnce = 20;
/** All others are laid out and drawn when they come near the view; until then they are taken to be as high as they last were. */
const drawnLate = "[contain-intrinsic-size:auto_12rem] [content-visibility:auto]";

/** The messages of the branch that is shown. It follows new text only while the reader is at its end. */
export function MessageList(props: Props) {
  const { branch, models, running, waiting, edited, onEditing, onEdit, onSwitch, onRegenerate } = props;
  const { frame, atEnd, toEnd } = useStickyEnd(branch);
  const leftOut = useEarlier(branch.length, frame);
  const shown = branch.slice(leftOut);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-live="off"
        className="h-full overflow-y-auto overscroll-contain [scrollbar-gutter:stable_both-edges]"
      >
        <ol className="mx-auto flex w-full max-w-172 flex-col pt-8 pb-1">
          {shown.map((message, index) => (
            // Its space is its own, because what reaches beyond a message that is drawn late would be cut off.
            <li
              key={message.id}
              className={cn(
                "flex flex-col px-4 pb-9 sm:px-6",
                index < shown.length - drawnAtOnce && drawnLate,
              )}
            >
              {message.role === "user" ? (
                <UserMessage
                  message={message}
                  busy={running !== null}
                  editing={edited === message.id}
                  onEditing={onEditing}
                  onEdit={onEdit}
                  onSwitch={onSwitch}
                />
              ) : (
                <Answer
                  message={message}
                  models={models}
                  busy={running !== null}
                  waiting={waiting && running?.answerId === message.id}
                  onSwitch={onSwitch}
                  onRegenerate={onRegenerate}
                />
              )}
            </li>
          ))}
        </ol>
      </div>
      {!atEnd && (
        <Button
          variant="outline"
          size="icon"
          aria-label="Jump to the latest"
          onClick={toEnd}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 rounded-full bg-card shadow-md"
        >
          <ArrowDown aria-hidden />
        </Button>
      )}
    </div>
  );
}

const nearEndPixels = 48;

/** Keeps the end in sight while text grows, unless the reader has scrolled away from it. */
function useStickyEnd(branch: ShownMessage[]) {
  const frame = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = useCallback(() => {
    stuck.current = true;
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, []);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let lastTop = element.scrollTop;
    const onScroll = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPixels;
      // Text may have grown since we scrolled to the end; only a reader scrolls up.
      if (near) stuck.current = true;
      else if (element.scrollTop < lastTop) stuck.current = false;
      lastTop = element.scrollTop;
      setAtEnd(near || stuck.current);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    // Pictures of code and math grow after they are drawn; so does the keyboard of a phone.
    const observer = new ResizeObserver(() => stuck.current && toEnd());
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [toEnd]);
  const lastUserMessage = branch.findLast((message) => message.role === "user")?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the person has just sent is always shown
  useLayoutEffect(toEnd, [lastUserMessage, toEnd]);
  return { frame, atEnd, toEnd };
}
