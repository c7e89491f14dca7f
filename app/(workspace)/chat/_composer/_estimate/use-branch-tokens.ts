import { useRef } from "react";
import { branchTokens } from "#app/(workspace)/chat/_composer/_estimate/estimate-prompt.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";

/** The tokens of the branch. They stay while an answer is written, so that its text is not counted again. */
export function useBranchTokens(branch: ClientMessage[], isRunning: boolean): number {
  const tokens = useRef<number | null>(null);
  if (tokens.current === null || !isRunning) tokens.current = branchTokens(branch);
  return tokens.current;
}
