import { ReceiptText } from "lucide-react";
import { Badge } from "#app/_ui/badge.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { RefundBadges } from "#app/_ui/refund-badges.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { PayInvoiceButton } from "#app/(workspace)/billing/_invoices/pay-invoice-button.tsx";
import type { InvoiceView } from "#lib/billing/reports/invoice-views.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";

const statuses: Record<string, { label: string; variant: "success" | "warning" | "secondary" | "danger" }> = {
  paid: { label: "Paid", variant: "success" },
  open: { label: "Open", variant: "warning" },
  void: { label: "Void", variant: "secondary" },
  uncollectible: { label: "Not collected", variant: "danger" },
};

/** The card that pays open invoices, and whether the user may pay. */
type Payment = { card: CardView | null; canManage: boolean };

/** All invoices with purpose, amount, status and documents. Open ones have a button to pay. */
export function InvoiceTable({ invoices, ...payment }: Payment & { invoices: InvoiceView[] }) {
  return (
    <section aria-labelledby="invoices" className="flex flex-col gap-3">
      <h2 id="invoices" className="font-semibold">
        Invoices
      </h2>
      {invoices.length === 0 ? (
        <EmptyState
          icon={<ReceiptText aria-hidden />}
          title="No invoices yet"
          description="Once you choose a plan, each payment leaves an invoice here, with a PDF for your books."
        />
      ) : (
        <Table aria-label="List of invoices" stacked>
          <TableHeader>
            <TableRow>
              <TableHead>Date</TableHead>
              <TableHead>For</TableHead>
              <TableHead>Number</TableHead>
              <TableHead className="text-right">Amount</TableHead>
              <TableHead>Status</TableHead>
              <TableHead>
                <span className="sr-only">Documents</span>
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
        <p className="max-w-prose text-pretty text-muted-foreground text-sm">
          When a payment is refunded or disputed, the same share of the credit that it gave is taken back. If
          a dispute ends in our favour, the credit returns.
        </p>
      )}
    </section>
  );
}

function InvoiceRow({ invoice, card, canManage }: Payment & { invoice: InvoiceView }) {
  const { id, number, purpose, status, totalMicros, taxMicros, dueMicros, createdAt, hostedUrl, pdfUrl } =
    invoice;
  const name = number ?? "without a number";
  return (
    <TableRow>
      <TableCell place="detail">
        <DateTime at={createdAt} />
      </TableCell>
      <TableCell place="lead" className="font-medium">
        {purpose}
      </TableCell>
      <TableCell place="detail" className="whitespace-nowrap font-mono text-xs">
        {number ?? "-"}
      </TableCell>
      <TableCell place="amount" className="text-right">
        <Money micros={totalMicros} />
        {taxMicros > 0 && (
          <span className="block whitespace-nowrap text-muted-foreground text-xs">
            with <Money micros={taxMicros} /> tax
          </span>
        )}
      </TableCell>
      <TableCell place="detail">
        <Status {...invoice} />
      </TableCell>
      <TableCell place="line" className="whitespace-nowrap text-right">
        <span className="inline-flex items-center gap-4 max-sm:min-h-11">
          {status === "open" && canManage && dueMicros > 0 && (
            <PayInvoiceButton
              invoiceId={id}
              about={`invoice ${name}`}
              amountMicros={dueMicros}
              card={card}
              size="sm"
            />
          )}
          {hostedUrl !== null && (
            <DocumentLink href={hostedUrl} about={name}>
              View
            </DocumentLink>
          )}
          {pdfUrl !== null && (
            <DocumentLink href={pdfUrl} about={name}>
              PDF
            </DocumentLink>
          )}
        </span>
      </TableCell>
    </TableRow>
  );
}

/** The status; a fully refunded invoice shows only its refund. */
function Status({ status, returned }: InvoiceView) {
  const shown = statuses[status] ?? { label: status, variant: "secondary" };
  const isFullyRefunded =
    returned !== null && returned.refundedCents + returned.disputedCents >= returned.paidCents;
  return (
    <span className="inline-flex flex-wrap gap-1">
      {!isFullyRefunded && <Badge variant={shown.variant}>{shown.label}</Badge>}
      {returned !== null && <RefundBadges {...returned} />}
    </span>
  );
}

function DocumentLink({ href, about, children }: { href: string; about: string; children: string }) {
  return (
    <a
      href={href}
      rel="noreferrer"
      className="inline-flex items-center text-accent underline decoration-accent/40 underline-offset-4 pointer-coarse:min-h-11"
    >
      {children}
      <span className="sr-only"> invoice {about}</span>
    </a>
  );
}
