"use client";

import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { CopyButton } from "#app/(workspace)/keys/copy-button.tsx";

/** Shows a new key's secret, which is possible only once. */
export function NewSecret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const t = useTranslations("keys.secret");
  return (
    <div className="flex flex-col gap-5">
      <code
        data-testid="new-secret"
        className="block select-all break-all rounded-md border border-border bg-muted p-3 font-mono text-sm"
      >
        {secret}
      </code>
      <div className="flex flex-wrap justify-between gap-2">
        <CopyButton text={secret} label={t("copy")} />
        <Button type="button" onClick={onDone}>
          {t("done")}
        </Button>
      </div>
    </div>
  );
}
