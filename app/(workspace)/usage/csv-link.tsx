"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { toast } from "#app/_ui/toast.tsx";
import type { Period } from "#lib/usage/reports.ts";

/** Saves the period as CSV: the same address as the API's, asked for with another media type. */
export function CsvLink({ period }: { period: Period }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    const query = new URLSearchParams(period);
    const response = await fetch(`/api/openai/usage?${query}`, { headers: { accept: "text/csv" } }).catch(
      () => null,
    );
    setBusy(false);
    if (!response?.ok) return toast("The file could not be made. Try again.");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `usage-${period.from}-${period.to}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Button variant="outline" size="sm" disabled={busy} onClick={save}>
      <Download aria-hidden /> CSV
    </Button>
  );
}
