"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { providerAction } from "#app/(public)/_auth/actions.ts";

const names = { google: "Google", github: "GitHub" };
type Props = { providers: ("google" | "github")[]; next: string | undefined };

/** Buttons for the configured OAuth providers; renders nothing without any. */
export function ProviderButtons({ providers, next }: Props) {
  const t = useTranslations("auth.providers");
  const [state, send, pending] = useActionState(providerAction, null);
  if (providers.length === 0) return null;
  return (
    <form action={send} className="mb-6 flex flex-col gap-2">
      {next !== undefined && <input type="hidden" name="next" value={next} />}
      {providers.map((provider) => (
        <Button
          key={provider}
          type="submit"
          name="provider"
          value={provider}
          variant="outline"
          size="lg"
          className="w-full"
          disabled={pending}
        >
          {t("continueWith", { provider: names[provider] })}
        </Button>
      ))}
      {state?.ok === false && (
        <p role="alert" className="text-danger text-sm">
          {state.message}
        </p>
      )}
      <div className="mt-4 flex items-center gap-3 text-muted-foreground text-sm">
        <span className="h-px flex-1 bg-border" />
        {t("or")}
        <span className="h-px flex-1 bg-border" />
      </div>
    </form>
  );
}
