"use client";

import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { cancelDeletionAction } from "#app/(workspace)/settings/actions.ts";

/** A banner above every page while a requested deletion waits, with the button to cancel it. */
export function DeletionNotice({ dueAt }: { dueAt: Date }) {
  const t = useTranslations("shell.deletion");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const cancel = () =>
    startTransition(async () => {
      const result = await cancelDeletionAction(undefined);
      setProblem(result.ok ? null : result.message);
    });
  return (
    <section
      aria-label={t("label")}
      className="flex shrink-0 flex-wrap items-center justify-between gap-x-6 gap-y-2 border-danger/40 border-b bg-danger/8 px-5 py-3 text-sm"
    >
      <p className="max-w-prose text-pretty">
        <span className="font-medium">
          {t.rich("text", { date: () => <DateTime at={dueAt} format={{ dateStyle: "long" }} /> })}
        </span>{" "}
        {t("detail")}
      </p>
      <div className="flex flex-wrap items-center gap-3">
        {problem !== null && (
          <p role="alert" className="text-danger">
            {problem}
          </p>
        )}
        <Button size="sm" variant="outline" disabled={pending} onClick={cancel}>
          {pending && <Spinner />}
          {t("cancel")}
        </Button>
      </div>
    </section>
  );
}
