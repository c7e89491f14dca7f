import { ReceiptText } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { Messages } from "#app/_messages/catalogs.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { useOfferName } from "#app/_ui/plan-features.tsx";
import { RefundBadges } from "#app/_ui/refund-badges.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { PayInvoiceButton } from "#app/(workspace)/billing/_invoices/pay-invoice-button.tsx";
import type { InvoicePurpose } from "#lib/billing/reports/invoice-purpose.ts";
import type { InvoiceView } from "#lib/billing/reports/invoice-views.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";

type StatusLabel = keyof Messages["billing"]["invoices"]["statuses"];
const statuses: Record<
  string,
  { label: StatusLabel; variant: "success" | "warning" | "secondary" | "danger" }
> = {
  paid: { label: "paid", variant: "success" },
  open: { label: "open", variant: "warning" },
  void: { label: "void", variant: "secondary" },
  uncollectible: { label: "uncollectible", variant: "danger" },
};

/** The card that pays open invoices, and whether the user may pay. */
type Payment = { card: CardView | null; canManage: boolean };

/** All invoices with purpose, amount, status and documents. Open ones have a button to pay. */
export function InvoiceTable({ invoices, ...payment }: Payment & { invoices: InvoiceView[] }) {
  const t = useTranslations("billing.invoices");
  return (
    <section aria-labelledby="invoices" className="flex flex-col gap-3">
      <h2 id="invoices" className="font-semibold">
        {t("title")}
      </h2>
      {invoices.length === 0 ? (
        <EmptyState
          icon={<ReceiptText aria-hidden />}
          title={t("emptyTitle")}
          description={t("emptyDescription")}
        />
      ) : (
        <Table aria-label={t("table")} stacked>
          <TableHeader>
            <TableRow>
              <TableHead>{t("date")}</TableHead>
              <TableHead>{t("purpose")}</TableHead>
              <TableHead>{t("number")}</TableHead>
              <TableHead className="text-right">{t("amount")}</TableHead>
              <TableHead>{t("status")}</TableHead>
              <TableHead>
                <span className="sr-only">{t("documents")}</span>
              </TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {invoices.map((invoice) => (
              <InvoiceRow key={invoice.id} invoice={invoice} {...payment} />
            ))}
          </TableBody>
        </Table>
      )}
      {invoices.some(({ returned }) => returned !== null) && (
        <p className="max-w-prose text-pretty text-muted-foreground text-sm">{t("returned")}</p>
      )}
    </section>
  );
}

function InvoiceRow({ invoice, card, canManage }: Payment & { invoice: InvoiceView }) {
  const { id, number, purpose, status, currency, totalMicros, taxMicros, dueMicros, createdAt } = invoice;
  const { dueAt, hostedUrl, pdfUrl } = invoice;
  const t = useTranslations("billing.invoices");
  const name = number ?? t("noNumber");
  const hidden = (text: ReactNode) => <span className="sr-only">{text}</span>;
  return (
    <TableRow>
      <TableCell place="detail">
        <DateTime at={createdAt} />
      </TableCell>
      <TableCell place="lead" className="font-medium">
        <Purpose parts={purpose} />
      </TableCell>
      <TableCell place="detail" className="whitespace-nowrap font-mono text-xs">
        {number ?? "-"}
      </TableCell>
      <TableCell place="amount" className="text-right">
        <Money micros={totalMicros} currency={currency} />
        {taxMicros > 0 && (
          <span className="block whitespace-nowrap text-muted-foreground text-xs">
            {t.rich("withTax", { amount: () => <Money micros={taxMicros} currency={currency} /> })}
          </span>
        )}
      </TableCell>
      <TableCell place="detail">
        <Status {...invoice} />
        {status === "open" && dueAt !== null && (
          <span className="block text-muted-foreground text-xs">
            {t.rich("dueOn", { date: () => <DateTime at={dueAt} /> })}
          </span>
        )}
      </TableCell>
      <TableCell place="line" className="whitespace-nowrap text-right">
        <span className="inline-flex items-center gap-4 max-sm:min-h-11">
          {status === "open" && canManage && dueMicros > 0 && (
            <PayInvoiceButton
              invoiceId={id}
              about={t("about", { number: name })}
              amountMicros={dueMicros}
              currency={currency}
              card={card}
              size="sm"
            />
          )}
          {hostedUrl !== null && (
            <DocumentLink href={hostedUrl}>{t.rich("view", { number: name, hidden })}</DocumentLink>
          )}
          {pdfUrl !== null && (
            <DocumentLink href={pdfUrl}>{t.rich("pdf", { number: name, hidden })}</DocumentLink>
          )}
        </span>
      </TableCell>
    </TableRow>
  );
}

/** The status; a fully refunded invoice shows only its refund. */
function Status({ status, currency, returned }: InvoiceView) {
  const t = useTranslations("billing.invoices.statuses");
  const shown = statuses[status];
  const isFullyRefunded =
    returned !== null && returned.refundedCents + returned.disputedCents >= returned.paidCents;
  return (
    <span className="inline-flex flex-wrap gap-1">
      {!isFullyRefunded && (
        <Badge variant={shown?.variant ?? "secondary"}>{shown === undefined ? status : t(shown.label)}</Badge>
      )}
      {returned !== null && <RefundBadges {...returned} currency={currency} />}
    </span>
  );
}

function DocumentLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      rel="noreferrer"
      className="touch-target inline-flex items-center text-accent underline decoration-accent/40 underline-offset-4 pointer-coarse:min-h-11"
    >
      {children}
    </a>
  );
}

/** What an invoice bills ("Pro monthly and Extra usage"). */
function Purpose({ parts }: { parts: InvoicePurpose[] }) {
  const t = useTranslations("billing.invoices.purposes");
  const offerName = useOfferName();
  const list = new Intl.ListFormat(useLocale());
  const text = (part: InvoicePurpose) => {
    if (part.kind === "other") return part.description ?? t("other");
    if (part.kind === "plan") return offerName(part.offer);
    return part.kind === "trial" ? t("trial", { offer: offerName(part.offer) }) : t(part.kind);
  };
  return list.format(parts.map(text));
}
