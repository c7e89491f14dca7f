"use client";

import { ArrowDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { Answer } from "#app/(workspace)/chat/_messages/answer.tsx";
import { Comparison } from "#app/(workspace)/chat/_messages/comparison.tsx";
import { TruncationMark } from "#app/(workspace)/chat/_messages/truncation-mark.tsx";
import { findPlace, type JumpTarget, useJump } from "#app/(workspace)/chat/_messages/use-message-jump.ts";
import { useWindowedHistory } from "#app/(workspace)/chat/_messages/use-windowed-history.ts";
import { UserMessage } from "#app/(workspace)/chat/_messages/user-message.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { useIsHydrating } from "#app/(workspace)/chat/_screen/use-is-hydrating.ts";
import type { ClientMessage, Regeneration, RunningAnswer } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";

type Props = {
  branch: VisibleMessage[];
  /** The answers that are shown side by side below the branch. */
  compared: VisibleMessage[];
  /** The message to scroll to. */
  target: JumpTarget | null;
  models: PickerModel[];
  running: RunningAnswer[];
  /** The message that is being edited, and the text in its field. */
  edited: { id: string; text: string } | null;
  onEditing: (message: ClientMessage | null) => void;
  onEdit: (message: ClientMessage, text: string) => void;
  onSwitch: (id: string) => void;
  onRegenerate: (answer: ClientMessage, options?: Regeneration) => void;
  onContinue: (answer: VisibleMessage) => void;
  onChoose: (answer: ClientMessage) => void;
  onStop: (generationId: string) => void;
};

/** The id of the scrolling list of messages. */
export const messageListId = "messages";
/** The last messages are always rendered, so that the scroll position at the end is exact. */
const alwaysRendered = 20;
/** The browser renders the others near the viewport; until then they keep their last height. */
const renderedOnDemand = "[contain-intrinsic-size:auto_12rem] [content-visibility:auto]";

/** The messages of the visible branch. Scrolls with new text only while the user is at the end. */
export function MessageList(props: Props) {
  const { branch, compared, target, models, running, edited, onEditing, onEdit, onSwitch } = props;
  const waiting = running.filter((one) => one.waiting).map(({ answerId }) => answerId);
  const busy = running.length > 0;
  const t = useTranslations("chat");
  const { frame, atEnd, scrollToEnd, release } = useStickyEnd(branch);
  const place = target === null ? -1 : findPlace(branch, target.id);
  const hiddenCount = useWindowedHistory(branch.length, frame, place);
  useJump(target, branch[place]?.id, frame, release);
  const shown = branch.slice(hiddenCount);
  const lastAnswer = branch.findLast(({ receipt }) => receipt !== null);
  const firstSentId = lastAnswer?.receipt?.firstMessageId ?? null;
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable areas need keyboard access (WCAG 2.1.1)
        tabIndex={0}
        id={messageListId}
        role="log"
        aria-label={t("messages")}
        aria-live="off"
        className="@container h-full overflow-y-auto overscroll-contain [scrollbar-gutter:stable_both-edges]"
      >
        <ol className="mx-auto flex w-full max-w-172 flex-col pt-8 pb-1">
          {shown.map((message, index) => (
            // Spacing is padding of the item: content-visibility clips what overflows it.
            <li
              key={message.id}
              data-message={message.id}
              tabIndex={-1}
              className={cn(
                "flex flex-col px-4 pb-9 outline-none sm:px-6",
                index < shown.length - alwaysRendered && renderedOnDemand,
              )}
            >
              {firstSentId !== null && message.ids.includes(firstSentId) && (
                <TruncationMark model={lastAnswer?.model ?? null} models={models} />
              )}
              {message.role === "user" ? (
                <UserMessage
                  message={message}
                  busy={busy}
                  editedText={edited?.id === message.id ? edited.text : null}
                  onEditing={onEditing}
                  onEdit={onEdit}
                  onSwitch={onSwitch}
                />
              ) : (
                <Answer
                  message={message}
                  models={models}
                  busy={busy}
                  waiting={waiting.includes(message.endId)}
                  onSwitch={onSwitch}
                  onRegenerate={props.onRegenerate}
                  onContinue={props.onContinue}
                />
              )}
            </li>
          ))}
          {compared.length > 0 && (
            // Wider than the column of messages, and in its middle.
            <li className="w-[min(100cqi,88rem)] self-center pb-9">
              <Comparison
                answers={compared}
                models={models}
                waiting={waiting}
                onChoose={props.onChoose}
                onStop={props.onStop}
              />
            </li>
          )}
        </ol>
      </div>
      {!atEnd && (
        <Button
          variant="outline"
          size="icon"
          aria-label={t("jumpToLatest")}
          onClick={scrollToEnd}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 rounded-full bg-card shadow-md"
        >
          <ArrowDown aria-hidden />
        </Button>
      )}
    </div>
  );
}

const nearEndPixels = 48;

function isNearEnd(element: Element): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPixels;
}

/** Keeps the end in view while text grows, unless the user has scrolled up. */
function useStickyEnd(branch: VisibleMessage[]) {
  const frame = useRef<HTMLDivElement>(null);
  const isSticky = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const scrollToEnd = useCallback(() => {
    isSticky.current = true;
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, []);
  const release = useCallback(() => {
    isSticky.current = false;
  }, []);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let lastTop = element.scrollTop;
    const onScroll = () => {
      const near = isNearEnd(element);
      // Only the user scrolls up; growing text alone must not release the end.
      if (near) isSticky.current = true;
      else if (element.scrollTop < lastTop) isSticky.current = false;
      lastTop = element.scrollTop;
      setAtEnd(near || isSticky.current);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    // Highlighted code and math grow after rendering, and a phone's keyboard shrinks the frame.
    const observer = new ResizeObserver(() => isSticky.current && scrollToEnd());
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [scrollToEnd]);
  const isHydrating = useIsHydrating();
  const keepsPosition = useRef(isHydrating);
  const lastUserMessage = branch.findLast((message) => message.role === "user")?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls to a message that was just sent
  useLayoutEffect(() => {
    if (!keepsPosition.current) return scrollToEnd();
    // The server's page was at its end from the first paint, and the user may have scrolled since.
    keepsPosition.current = false;
    isSticky.current = frame.current !== null && isNearEnd(frame.current);
    setAtEnd(isSticky.current);
  }, [lastUserMessage, scrollToEnd]);
  return { frame, atEnd, scrollToEnd, release };
}
