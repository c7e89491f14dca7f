import { Upload } from "lucide-react";
import { useTranslations } from "next-intl";

/** Covers the page while files are dragged over it. */
export function DropOverlay() {
  const t = useTranslations("attachments");
  return (
    <div className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-background/80">
      <p className="flex items-center gap-3 rounded-2xl border-2 border-accent border-dashed bg-card px-8 py-6 font-medium">
        <Upload aria-hidden className="size-5 text-accent" />
        {t("drop")}
      </p>
    </div>
  );
}
