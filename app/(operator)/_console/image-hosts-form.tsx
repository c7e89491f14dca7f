"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { controlClasses } from "#app/_ui/input.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { saveImageHostsAction } from "#app/(operator)/operator/actions.ts";

/** The hosts from which answers may show images, one per line. */
export function ImageHostsForm({ hosts }: { hosts: string[] }) {
  const t = useTranslations("moderationForm");
  const [state, send, isPending] = useActionState(saveImageHostsAction, null);
  const saved = hosts.join("\n");
  return (
    <form action={send} className="flex flex-col gap-5 rounded-xl border bg-card p-6">
      <label className="flex flex-col gap-1.5 font-medium text-sm">
        {t("imageHosts")}
        <textarea
          // Shows the saved value, which React resets after the action.
          key={saved}
          name="hosts"
          rows={4}
          defaultValue={saved}
          spellCheck={false}
          autoCapitalize="none"
          aria-describedby="image-hosts-note"
          className={`${controlClasses} max-w-md py-2 font-mono font-normal text-sm`}
        />
      </label>
      <p id="image-hosts-note" className="max-w-prose text-pretty text-muted-foreground text-sm">
        {t("imageHostsNote")}
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" disabled={isPending}>
          {isPending && <Spinner />}
          {t("saveImageHosts")}
        </Button>
        <p role="status" className="text-muted-foreground text-sm empty:hidden">
          {state?.ok === true && state.value}
        </p>
        <p role="alert" className="text-danger text-sm empty:hidden">
          {state?.ok === false && state.message}
        </p>
      </div>
    </form>
  );
}
