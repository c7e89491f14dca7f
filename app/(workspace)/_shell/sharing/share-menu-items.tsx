"use client";

import { Download, ReceiptText, Share2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { DropdownMenuItem } from "#app/_ui/overlays/dropdown-menu.tsx";
import { useShareDialog } from "#app/(workspace)/_shell/sharing/share-provider.tsx";

/** The items of a conversation's menu that share it, export it and show what it cost. */
export function ShareMenuItems({ conversationId }: { conversationId: string }) {
  const t = useTranslations("sharing");
  const receipts = useTranslations("receipts");
  const open = useShareDialog();
  return (
    <>
      <DropdownMenuItem onSelect={() => open({ type: "share", conversationId })}>
        <Share2 aria-hidden /> {t("share")}
      </DropdownMenuItem>
      <DropdownMenuItem onSelect={() => open({ type: "export", conversationId })}>
        <Download aria-hidden /> {t("export")}
      </DropdownMenuItem>
      <DropdownMenuItem onSelect={() => open({ type: "receipt", conversationId })}>
        <ReceiptText aria-hidden /> {receipts("open")}
      </DropdownMenuItem>
    </>
  );
}
