"use client";

import { Braces, FileText, Printer } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";

type Props = { conversationId: string; onClose: () => void };

/** Exports a conversation as Markdown, JSON or PDF. */
export default function ExportDialog({ conversationId, onClose }: Props) {
  const t = useTranslations("sharing");
  const file = (format: string) => `/api/conversations/${conversationId}/export?format=${format}`;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("exportTitle")}</DialogTitle>
          <DialogDescription>{t("exportText")}</DialogDescription>
        </DialogHeader>
        <ul className="flex flex-col gap-2">
          <li>
            <Button asChild variant="outline" className="w-full justify-start">
              <a href={file("markdown")} download onClick={onClose}>
                <FileText aria-hidden /> {t("markdown")}
              </a>
            </Button>
          </li>
          <li>
            <Button asChild variant="outline" className="w-full justify-start">
              <a href={file("json")} download onClick={onClose}>
                <Braces aria-hidden /> {t("json")}
              </a>
            </Button>
          </li>
          <li className="flex flex-col gap-1.5">
            <Button asChild variant="outline" className="w-full justify-start">
              <a href={`/print/${conversationId}`} target="_blank" rel="noopener" onClick={onClose}>
                <Printer aria-hidden /> {t("pdf")}
              </a>
            </Button>
            <p className="text-muted-foreground text-sm">{t("pdfHint")}</p>
          </li>
        </ul>
      </DialogContent>
    </Dialog>
  );
}
