"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { type ComponentProps, type ReactNode, useEffect, useRef, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { confirmPayment } from "#app/(workspace)/billing/_invoices/confirm-payment.ts";
import {
  finishPaymentAction,
  payInvoiceAction,
  readConfirmationAction,
} from "#app/(workspace)/billing/_invoices/payment-actions.ts";
import { useCardName } from "#app/(workspace)/billing/_payment-method/card-name.tsx";
import type { Confirmation } from "#lib/billing/actions/pay-invoice.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  invoiceId: string;
  /** Names the invoice for screen readers. */
  about: string;
  /** In millionths of the currency. */
  amountMicros: number;
  /** ISO 4217. */
  currency: string;
  card: CardView | null;
  /** Whether the payment only needs the bank's confirmation. */
  needsConfirmation?: boolean;
  /** Starts the confirmation without a click, after the user has agreed to pay. */
  autoStart?: boolean;
  size?: ComponentProps<typeof Button>["size"];
  variant?: ComponentProps<typeof Button>["variant"];
};

/**
 * Pays an open invoice: a dialog with amount and card, then the charge and the bank's confirmation if needed.
 */
export function PayInvoiceButton(props: Props) {
  const {
    invoiceId,
    about,
    amountMicros,
    currency,
    card,
    needsConfirmation = false,
    autoStart = false,
    size,
    variant,
  } = props;
  const t = useTranslations("billingForms.pay");
  const cardName = useCardName();
  const amount = formatsFor(useLocale()).amount(amountMicros, currency);
  const hidden = (text: ReactNode) => <span className="sr-only">{text}</span>;
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const hasStarted = useRef(false);
  const opener = useRef<HTMLButtonElement>(null);
  const router = useRouter();

  const confirm = async (confirmation: Confirmation) => {
    setOpen(false);
    const confirmed = await confirmPayment(confirmation, invoiceId);
    const finished = await finishPaymentAction({ invoiceId });
    if (finished.ok && finished.value.state === "paid") {
      toast(t("paid", { amount }));
      return router.replace("/billing");
    }
    const declined = finished.ok ? finished.value.declined : finished.message;
    setProblem(declined ?? t(confirmed.problem ?? "notConfirmed"));
  };
  const openDialog = () => {
    setProblem(null);
    setOpen(true);
  };
  const startConfirmation = () =>
    startTransition(async () => {
      setProblem(null);
      const confirmation = await readConfirmationAction({ invoiceId });
      if (confirmation.ok) await confirm(confirmation.value);
      else setProblem(confirmation.message);
    });
  const pay = () =>
    startTransition(async () => {
      setProblem(null);
      const paid = await payInvoiceAction({ invoiceId, amountMicros, cardLast4: card?.last4 ?? "" });
      if (!paid.ok) return setProblem(paid.message);
      if (paid.value.state === "confirm") return confirm(paid.value.confirmation);
      setOpen(false);
      toast(t("paid", { amount }));
      router.refresh();
    });
  useEffect(() => {
    if (!autoStart || hasStarted.current) return;
    hasStarted.current = true;
    startConfirmation();
  });

  return (
    <div className="flex flex-col gap-2">
      <Button
        ref={opener}
        size={size}
        variant={variant}
        disabled={isPending}
        onClick={needsConfirmation ? startConfirmation : openDialog}
      >
        {isPending && <Spinner />}
        {t.rich(needsConfirmation ? "confirm" : "action", { about, hidden })}
      </Button>
      {!isOpen && <Problem text={problem} />}
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogContent
          // The dialog has no trigger element, so the focus is returned explicitly.
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            opener.current?.focus();
          }}
        >
          <DialogHeader>
            <DialogTitle>{t("title", { amount })}</DialogTitle>
            <DialogDescription>
              {card === null ? t("noCard") : t("charge", { card: cardName(card), amount, about })}
            </DialogDescription>
          </DialogHeader>
          <Problem text={problem} />
          <DialogFooter>
            <Button asChild variant="outline">
              <a href="/billing?card=change#payment-method">{t(card === null ? "addCard" : "otherCard")}</a>
            </Button>
            {card !== null && (
              <Button onClick={pay} disabled={isPending}>
                {isPending && <Spinner />}
                {t("submit", { amount })}
              </Button>
            )}
          </DialogFooter>
        </DialogContent>
      </Dialog>
    </div>
  );
}

function Problem({ text }: { text: string | null }) {
  return (
    <p role="alert" className="max-w-prose text-pretty text-danger text-sm empty:hidden">
      {text}
    </p>
  );
}
