"use client";

import { Upload } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ChangeEvent, useEffect, useId, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { readImportAction } from "#app/(workspace)/settings/data/actions.ts";
import type { ChatImport } from "#lib/chat/portability/import/imports.ts";

const pollMs = 2_000;

/** Uploads a file with chats, and shows how far its import is. */
export function ImportChats({ initial }: { initial: ChatImport | null }) {
  const t = useTranslations("imports");
  const [state, setState] = useState(initial);
  const [uploading, setUploading] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const inputId = useId();
  const isRunning = state?.status === "waiting" || state?.status === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(async () => {
      const result = await readImportAction(undefined).catch(() => null);
      if (result?.ok === true) setState(result.value);
    }, pollMs);
    return () => clearInterval(timer);
  }, [isRunning]);
  const upload = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file === undefined) return;
    setProblem(null);
    setUploading(file.name);
    const result = await send(file);
    setUploading(null);
    if ("import" in result) setState(result.import);
    else setProblem(result.message ?? t("problems.internal"));
  };
  const isBusy = isRunning || uploading !== null;
  return (
    <div className="flex flex-col items-start gap-4">
      <div>
        <input
          id={inputId}
          type="file"
          accept=".json,.zip,application/json,application/zip"
          className="peer sr-only"
          disabled={isBusy}
          onChange={upload}
        />
        <Button
          asChild
          variant="outline"
          className="cursor-pointer peer-disabled:pointer-events-none peer-disabled:opacity-50 peer-focus-visible:ring-2 peer-focus-visible:ring-ring"
        >
          <label htmlFor={inputId}>
            {isBusy ? <Spinner /> : <Upload aria-hidden />}
            {t("choose")}
          </label>
        </Button>
      </div>
      <div role="status" className="flex flex-col gap-1 text-sm empty:hidden">
        {uploading !== null && <p>{t("uploading", { name: uploading })}</p>}
        {uploading === null && state !== null && <ImportState state={state} />}
      </div>
      {problem !== null && (
        <p role="alert" className="text-danger text-sm">
          {problem}
        </p>
      )}
    </div>
  );
}

function ImportState({ state }: { state: ChatImport }) {
  const t = useTranslations("imports");
  const { status, fileName: name, problem, added, updated, unchanged, skipped } = state;
  const hasCounts = added + updated + unchanged + skipped > 0;
  const counts = hasCounts && <p>{t("counts", { added, updated, unchanged, skipped })}</p>;
  if (status === "done")
    return (
      <>
        <p>{t("done", { name })}</p>
        {counts}
      </>
    );
  if (status === "failed")
    return (
      <>
        <p className="text-danger">{t(`problems.${problem ?? "internal"}`)}</p>
        {counts}
        {added + updated > 0 && <p className="text-muted-foreground">{t("kept")}</p>}
      </>
    );
  return (
    <>
      <p>{t("running", { name })}</p>
      {counts}
      <p className="text-muted-foreground">{t("leave")}</p>
    </>
  );
}

type Sent = { import: ChatImport } | { message: string | null };

async function send(file: File): Promise<Sent> {
  const query = new URLSearchParams({ id: crypto.randomUUID(), fileName: file.name.slice(0, 200) });
  try {
    const response = await fetch(`/api/conversations/imports?${query}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: file,
    });
    // The API's own answers: an import, or its error shape.
    const answer = (await response.json()) as ChatImport | { error: { message: string } };
    return "error" in answer ? { message: answer.error.message } : { import: answer };
  } catch {
    return { message: null };
  }
}
