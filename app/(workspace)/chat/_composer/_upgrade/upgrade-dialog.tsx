"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { PlanChoice } from "#app/(workspace)/chat/_composer/_upgrade/plan-choice.tsx";
import {
  readUpgradeAction,
  type UpgradeFacts,
} from "#app/(workspace)/chat/_composer/_upgrade/upgrade-actions.ts";
import type { UpgradeReason } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import { composerFieldId } from "#app/(workspace)/chat/_composer/composer.tsx";

type Props = { reason: UpgradeReason; onClose: () => void };

/** Plans, and credit that is bought once, without leaving the chat; the draft stays in its field. */
export function UpgradeDialog({ reason, onClose }: Props) {
  const t = useTranslations("chat.upgrade");
  const unreachable = useTranslations("chat.sendError")("unreachable");
  const [facts, setFacts] = useState<UpgradeFacts | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    readUpgradeAction({})
      .catch(() => null)
      .then((result) => {
        if (!isCurrent) return;
        if (result?.ok) setFacts(result.value);
        else setProblem(result?.message ?? unreachable);
      });
    return () => {
      isCurrent = false;
    };
  }, [unreachable]);
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          document.getElementById(composerFieldId)?.focus();
        }}
      >
        <DialogHeader>
          <DialogTitle>
            {reason.kind === "model"
              ? t("modelTitle", { model: reason.model.label, plan: reason.model.planName })
              : t("creditTitle")}
          </DialogTitle>
          <DialogDescription>{t(reason.kind === "model" ? "modelText" : "creditText")}</DialogDescription>
        </DialogHeader>
        {problem !== null && (
          <p role="alert" className="text-danger text-sm">
            {problem}
          </p>
        )}
        {facts === null && problem === null && (
          <p role="status" className="flex items-center gap-2 py-8 text-muted-foreground text-sm">
            <Spinner /> {t("loading")}
          </p>
        )}
        {facts !== null && <PlanChoice reason={reason} facts={facts} />}
      </DialogContent>
    </Dialog>
  );
}
