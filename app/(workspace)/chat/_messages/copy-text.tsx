"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useCopied } from "#app/(workspace)/_shell/use-copied.ts";

export function CopyText({ text, label }: { text: string; label: string }) {
  const t = useTranslations("chat.copy");
  const { copied, copy } = useCopied();
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      className="text-muted-foreground"
      aria-label={copied ? t("done") : label}
      onClick={async () => (await copy(text)) || toast(t("refused"))}
    >
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </Button>
  );
}
