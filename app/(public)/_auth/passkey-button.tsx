"use client";

import {
  type AuthenticationResponseJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
} from "@simplewebauthn/browser";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import type { ActionResult } from "#app/_http/action.ts";
import { Button } from "#app/_ui/button.tsx";

type Props = {
  className?: string;
  start: (input: undefined) => Promise<ActionResult<PublicKeyCredentialRequestOptionsJSON>>;
  /** Redirects on success. */
  finish: (input: {
    response: AuthenticationResponseJSON;
    next?: string | undefined;
  }) => Promise<ActionResult<never>>;
  next: string | undefined;
};

/** Signs in with a passkey of this device, or completes a sign-in with it. */
export function PasskeyButton({ className, start, finish, next }: Props) {
  const t = useTranslations("auth");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const signIn = () =>
    startTransition(async () => {
      setProblem(null);
      const options = await start(undefined);
      if (!options.ok) return setProblem(options.message);
      const response = await startAuthentication({ optionsJSON: options.value }).catch(() => null);
      if (response === null) return setProblem(t("passkey.notUsed"));
      const result = await finish({ response, next });
      if (result?.ok === false) setProblem(result.message);
    });
  return (
    <div className={className}>
      <Button
        type="button"
        variant="outline"
        size="lg"
        className="w-full"
        disabled={pending}
        onClick={signIn}
      >
        {t("passkey.signIn")}
      </Button>
      <p role="alert" className="mt-2 text-danger text-sm empty:hidden">
        {problem}
      </p>
    </div>
  );
}
