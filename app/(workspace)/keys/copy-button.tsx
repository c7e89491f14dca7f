"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { useCopied } from "#app/(workspace)/_shell/use-copied.ts";

/** Copies a text and confirms it briefly. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useTranslations("keys.example");
  const { copied, copy } = useCopied();
  return (
    <Button type="button" variant="outline" size="sm" onClick={() => copy(text)}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span aria-live="polite">{copied ? t("copied") : label}</span>
    </Button>
  );
}
