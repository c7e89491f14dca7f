"use client";

import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";
import type { ActionResult, FormAction } from "#app/_http/action.ts";

const StepUpDialog = lazy(() => import("#app/(workspace)/_step-up/step-up-dialog.tsx"));

/** Asks the user to prove who they are. @returns whether they did */
type AskForProof = () => Promise<boolean>;

const StepUpContext = createContext<AskForProof>(() => Promise.resolve(false));

/** Shows the one dialog in which a user proves who they are, whenever an action of the page needs it. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<{ answer: (proved: boolean) => void } | null>(null);
  const askForProof = useCallback(
    () => new Promise<boolean>((resolve) => setQuestion({ answer: resolve })),
    [],
  );
  const close = (proved: boolean) => {
    question?.answer(proved);
    setQuestion(null);
  };
  return (
    <StepUpContext value={askForProof}>
      {children}
      {question !== null && (
        <Suspense>
          <StepUpDialog onDone={close} />
        </Suspense>
      )}
    </StepUpContext>
  );
}

/**
 * Returns a function that calls a server action, asks for a proof of identity if the action needs one, and
 * then calls it again. The action's refusal is returned if the user closes the dialog.
 */
export function useStepUp() {
  const askForProof = useContext(StepUpContext);
  return useCallback(
    async <R extends ActionResult<unknown> | undefined>(call: () => Promise<R>): Promise<R> => {
      const result = await call();
      return needsProof(result) && (await askForProof()) ? call() : result;
    },
    [askForProof],
  );
}

/** Does the same for the action of a form. */
export function useStepUpForm<T>(action: FormAction<T>): FormAction<T> {
  const askForProof = useContext(StepUpContext);
  return useCallback(
    async (previous, form) => {
      const result = await action(previous, form);
      return needsProof(result) && (await askForProof()) ? action(previous, form) : result;
    },
    [action, askForProof],
  );
}

/** An action that redirects returns nothing. */
function needsProof(result: ActionResult<unknown> | null | undefined): boolean {
  return result?.ok === false && result.code === "step_up_required";
}
