"use client";

import { Quote } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { useAnswerActions } from "#app/(workspace)/chat/_answer-actions/answer-actions-context.ts";

/** The selected text if the selection begins and ends in an element, else null. */
export function selectionIn(element: Element | null | undefined): string | null {
  const selection = window.getSelection();
  if (selection === null || element == null || selection.rangeCount === 0) return null;
  const { startContainer, endContainer } = selection.getRangeAt(0);
  if (!element.contains(startContainer) || !element.contains(endContainer)) return null;
  const text = selection.toString();
  return text.trim() === "" ? null : text;
}

type Found = { text: string; top: number; left: number };

/** Offers to quote what is selected in an answer, below the text: a phone's own menu is above. */
export function QuoteSelection() {
  const t = useTranslations("chat.answerActions");
  const { quote } = useAnswerActions();
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const update = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setFound(findSelection()), settleMs);
    };
    const hide = () => setFound(null);
    document.addEventListener("selectionchange", update);
    document.addEventListener("scroll", hide, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("selectionchange", update);
      document.removeEventListener("scroll", hide, { capture: true });
    };
  }, []);
  if (found === null) return null;
  return (
    <Button
      size="sm"
      variant="outline"
      className="fixed z-40 bg-card shadow-md"
      style={{ top: found.top, left: found.left }}
      // Keeps the selection.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => {
        window.getSelection()?.removeAllRanges();
        setFound(null);
        quote(found.text);
      }}
    >
      <Quote aria-hidden /> {t("quoteSelection")}
    </Button>
  );
}

/** The selection changes with every step of the pointer. */
const settleMs = 200;
const edgePixels = 8;
const buttonWidth = 120;
const buttonHeight = 44;

function findSelection(): Found | null {
  const selection = window.getSelection();
  const node = selection?.anchorNode;
  const element = node instanceof Element ? node : node?.parentElement;
  const text = selectionIn(element?.closest("[data-answer]"));
  if (text === null || selection === null) return null;
  const box = selection.getRangeAt(0).getBoundingClientRect();
  const clamp = (value: number, max: number) => Math.max(edgePixels, Math.min(value, max - edgePixels));
  return {
    text,
    top: clamp(box.bottom + edgePixels, window.innerHeight - buttonHeight),
    left: clamp(box.left, window.innerWidth - buttonWidth),
  };
}
