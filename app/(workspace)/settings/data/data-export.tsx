"use client";

import { Download } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useId, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import {
  proveForDownloadAction,
  readExportAction,
  requestExportAction,
} from "#app/(workspace)/settings/data/actions.ts";
import type { DataExport as State } from "#lib/accounts/data-exports/data-exports.ts";
import { formatsFor } from "#lib/core/formats.ts";

const pollMs = 2_000;

/** Requests an archive of all data, shows its progress, and downloads it. */
export function DataExport({ initial }: { initial: State | null }) {
  const t = useTranslations("settings.export");
  const [state, setState] = useState(initial);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const withStepUp = useStepUp();
  const isBuilding = state?.status === "waiting" || state?.status === "running";
  useEffect(() => {
    if (!isBuilding) return;
    const timer = setInterval(async () => {
      const result = await readExportAction(undefined).catch(() => null);
      if (result?.ok === true) setState(result.value);
    }, pollMs);
    return () => clearInterval(timer);
  }, [isBuilding]);
  const request = () =>
    startTransition(async () => {
      const result = await withStepUp(() => requestExportAction(undefined));
      setProblem(result.ok ? null : result.message);
      if (result.ok) setState(result.value);
    });
  const download = (id: string) =>
    startTransition(async () => {
      const result = await withStepUp(() => proveForDownloadAction(undefined));
      setProblem(result.ok ? null : result.message);
      if (result.ok) window.location.assign(`/api/account/exports/${id}`);
    });
  return (
    <div className="flex flex-col items-start gap-4">
      {isBuilding && <Progress state={state} />}
      {state?.status === "ready" && <ReadyExport state={state} />}
      <p role="status" className="text-sm empty:hidden">
        {state?.status === "failed" && t("failed")}
        {state?.status === "ready" && <span className="sr-only">{t("readyStatus")}</span>}
      </p>
      <div className="flex flex-wrap gap-3">
        {state?.status === "ready" && (
          <Button disabled={pending} onClick={() => download(state.id)}>
            <Download aria-hidden />
            {t("download")}
          </Button>
        )}
        {!isBuilding && (
          <Button variant="outline" disabled={pending} onClick={request}>
            {pending && <Spinner />}
            {state?.status === "ready" ? t("again") : t("request")}
          </Button>
        )}
      </div>
      {problem !== null && (
        <p role="alert" className="text-danger text-sm">
          {problem}
        </p>
      )}
    </div>
  );
}

function Progress({ state: { stepsDone, stepsTotal } }: { state: State }) {
  const t = useTranslations("settings.export");
  const { percent } = formatsFor(useLocale());
  const labelId = useId();
  const share = stepsTotal === 0 ? 0 : stepsDone / stepsTotal;
  return (
    <div className="flex w-full flex-col gap-2">
      <p id={labelId} className="flex justify-between gap-4 text-sm">
        <span>{t("building")}</span>
        <span className="text-muted-foreground tabular-nums">{percent(share)}</span>
      </p>
      <progress
        aria-labelledby={labelId}
        value={share}
        max={1}
        className="h-1.5 w-full appearance-none overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-muted [&::-webkit-progress-value]:bg-accent"
      />
      <p className="text-muted-foreground text-sm">{t("leave")}</p>
    </div>
  );
}

function ReadyExport({ state: { sizeBytes, expiresAt, completedAt } }: { state: State }) {
  const t = useTranslations("settings.export");
  const { fileSize } = formatsFor(useLocale());
  if (sizeBytes === null || expiresAt === null || completedAt === null) return null;
  return (
    <p className="text-sm">
      {t.rich("ready", {
        size: fileSize(sizeBytes),
        created: () => <DateTime at={completedAt} />,
        expires: () => <DateTime at={expiresAt} />,
      })}
    </p>
  );
}
