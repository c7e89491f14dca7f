"use client";

import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import type { Period } from "#lib/usage/reports.ts";

/** Downloads the period's usage as CSV from the usage API. */
export function CsvLink({ period }: { period: Period }) {
  const t = useTranslations("usage.csv");
  const [isPending, setPending] = useState(false);
  const download = async () => {
    setPending(true);
    const query = new URLSearchParams(period);
    const response = await fetch(`/api/openai/usage?${query}`, { headers: { accept: "text/csv" } }).catch(
      () => null,
    );
    setPending(false);
    if (!response?.ok) return toast(t("failed"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `usage-${period.from}-${period.to}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Button variant="outline" size="sm" disabled={isPending} onClick={download}>
      <Download aria-hidden /> {t("download")}
    </Button>
  );
}
