"use client";

import { createContext, useContext } from "react";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { Rating } from "#lib/chat/conversations/rating.ts";

/** What a reader can do with a finished answer besides regenerating it. */
export type AnswerActions = {
  /** Rates an answer; null removes the rating. */
  rate: (answer: ClientMessage, rating: Rating | null) => void;
  /** Copies the branch up to a message into a new chat and opens it. */
  fork: (messageId: string) => void;
  /** Adds a text to the message field as a quotation. */
  quote: (text: string) => void;
  /** Answers of a temporary chat are not stored, so they are neither rated nor forked. */
  isTemporary: boolean;
};

export const AnswerActionsContext = createContext<AnswerActions | null>(null);

export function useAnswerActions(): AnswerActions {
  const actions = useContext(AnswerActionsContext);
  if (actions === null) throw new Error("useAnswerActions needs an AnswerActionsContext above it.");
  return actions;
}
