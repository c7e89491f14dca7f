"use client";

import { useTranslations } from "next-intl";
import { useOptimistic, useTransition } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { setAnswerCachingAction } from "#app/(workspace)/keys/actions.ts";

type Props = { id: string; name: string; cachesAnswers: boolean };

/** Turns the response cache on or off for a key's requests that do not say which. */
export function CacheSetting({ id, name, cachesAnswers }: Props) {
  const t = useTranslations("keys.cache");
  const [isOn, setOn] = useOptimistic(cachesAnswers);
  const [pending, startTransition] = useTransition();
  const change = (next: boolean) =>
    startTransition(async () => {
      setOn(next);
      const result = await setAnswerCachingAction({ id, cachesAnswers: next });
      toast(result.ok ? t(next ? "turnedOn" : "turnedOff", { name }) : result.message);
    });
  return (
    <label className="touch-target inline-flex items-center gap-2">
      <input
        type="checkbox"
        checked={isOn}
        disabled={pending}
        onChange={(event) => change(event.target.checked)}
        aria-label={t("labelFor", { name })}
        className="size-4 accent-accent"
      />
      <span aria-hidden>{t(isOn ? "on" : "off")}</span>
    </label>
  );
}
