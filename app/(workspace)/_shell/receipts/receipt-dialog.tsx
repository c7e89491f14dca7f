"use client";

import { Download } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Tabs } from "radix-ui";
import { useEffect, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { type NamedReceipt, readReceiptAction } from "#app/(workspace)/_shell/receipts/actions.ts";
import { receiptCsv } from "#app/(workspace)/_shell/receipts/receipt-csv.ts";
import { ReceiptScopeView } from "#app/(workspace)/_shell/receipts/receipt-scope-view.tsx";
import { saveFile } from "#app/(workspace)/chat/_markdown/_blocks/save-file.ts";
import { addSums } from "#lib/chat/conversations/receipt-sums.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = { conversationId: string; onClose: () => void };

const scopes = ["whole", "branch"] as const;

/** What a conversation cost so far: the whole chat and the branch that is shown. */
export default function ReceiptDialog({ conversationId, onClose }: Props) {
  const t = useTranslations("receipts");
  const { receipt, problem } = useReceipt(conversationId);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="max-w-xl">
        <DialogHeader>
          <DialogTitle>{t("title")}</DialogTitle>
          <DialogDescription>{t("text")}</DialogDescription>
        </DialogHeader>
        <div className="min-h-72">
          {problem !== null && (
            <p role="alert" className="text-danger text-sm">
              {problem}
            </p>
          )}
          {problem === null && receipt === null && (
            <p role="status" className="flex items-center gap-2 text-muted-foreground text-sm">
              <Spinner /> {t("loading")}
            </p>
          )}
          {receipt !== null && <ReceiptTabs receipt={receipt} />}
        </div>
        {receipt !== null && (
          <Button
            variant="outline"
            className="self-start"
            onClick={() => saveFile(`${t("fileName")}.csv`, receiptCsv(receipt), "text/csv")}
          >
            <Download aria-hidden /> {t("csv")}
          </Button>
        )}
      </DialogContent>
    </Dialog>
  );
}

/** The tabs show both totals, with equal decimals. */
function ReceiptTabs({ receipt }: { receipt: NamedReceipt }) {
  const t = useTranslations("receipts");
  const { moneyIn } = formatsFor(useLocale());
  const totals = scopes.map((scope) => addSums(receipt[scope].models).chargedMicros);
  const money = moneyIn([
    ...totals,
    ...scopes.flatMap((scope) => receipt[scope].models.map((line) => line.chargedMicros)),
  ]);
  return (
    <Tabs.Root defaultValue="whole" className="flex flex-col gap-5">
      <Tabs.List aria-label={t("scopes")} className="grid grid-cols-2 gap-1 rounded-lg bg-muted p-1">
        {scopes.map((scope, index) => (
          <Tabs.Trigger
            key={scope}
            value={scope}
            className="flex min-h-11 flex-col items-center justify-center rounded-md px-2 py-1.5 text-sm data-[state=active]:bg-card data-[state=active]:shadow-sm"
          >
            <span className="text-muted-foreground text-xs">{t(scope)}</span>
            <span className="font-semibold tabular-nums">{money(totals[index] ?? 0)}</span>
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {scopes.map((scope) => (
        <Tabs.Content key={scope} value={scope} className="flex flex-col gap-5">
          <ReceiptScopeView
            scope={receipt[scope]}
            sideCalls={scope === "whole" ? receipt.sideCalls : []}
            money={money}
          />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

function useReceipt(conversationId: string) {
  const [receipt, setReceipt] = useState<NamedReceipt | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const unreachable = useTranslations("receipts")("unreachable");
  useEffect(() => {
    let isMounted = true;
    readReceiptAction({ id: conversationId }).then(
      (result) => {
        if (!isMounted) return;
        if (result.ok) setReceipt(result.value);
        else setProblem(result.message);
      },
      () => isMounted && setProblem(unreachable),
    );
    return () => {
      isMounted = false;
    };
  }, [conversationId, unreachable]);
  return { receipt, problem };
}
