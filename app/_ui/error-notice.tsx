"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { Button } from "#app/_ui/button.tsx";

type Props = { error: Error & { digest?: string }; reset: () => void };

/** The content of an error boundary. The digest identifies the error in the server's log. */
export function ErrorNotice({ error, reset }: Props) {
  const t = useTranslations("controls.error");
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div className="mx-auto flex max-w-md flex-1 flex-col items-start justify-center gap-4 px-6 py-24">
      <h1 ref={title} tabIndex={-1} className="font-semibold text-2xl tracking-tight outline-none">
        {t("title")}
      </h1>
      <p className="text-muted-foreground">{t("body")}</p>
      {error.digest !== undefined && (
        <p className="text-muted-foreground text-sm">{t("reference", { digest: error.digest })}</p>
      )}
      <Button onClick={reset}>{t("retry")}</Button>
    </div>
  );
}
