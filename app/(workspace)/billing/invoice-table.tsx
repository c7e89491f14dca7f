import { ReceiptText } from "lucide-react";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/date-time.tsx";
import { EmptyState } from "#app/_ui/empty-state.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { PayInvoiceButton } from "#app/(workspace)/billing/pay-invoice-button.tsx";
import type { InvoiceView } from "#lib/billing/billing-overview.ts";

import type { CardView } from "#lib/billing/payment-details.ts";

const statuses: Record<string, { label: string; variant: "success" | "warning" | "secondary" | "danger" }> = {
  paid: { label: "Paid", variant: "success" },
  open: { label: "Open", variant: "warning" },
  void: { label: "Void", variant: "secondary" },
  uncollectible: { label: "Not collected", variant: "danger" },
};

/** By which card an open invoice is paid, and whether by this person. */
type Payer = { card: CardView | null; canManage: boolean };

/** Every invoice, with its page and its PDF. An open one is paid here. */
export function InvoiceTable({ invoices, ...payer }: Payer & { invoices: InvoiceView[] }) {
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
        <Table aria-label="List of invoices">
          <TableHeader>
            <TableRow>
              <TableHead>Date</TableHead>
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
              <InvoiceRow key={invoice.id} invoice={invoice} {...payer} />
            ))}
          </TableBody>
        </Table>
      )}
    </section>
  );
}

function InvoiceRow({ invoice, card, canManage }: Payer & { invoice: InvoiceView }) {
  const { id, number, status, totalMicros, taxMicros, dueMicros, createdAt, hostedUrl, pdfUrl } = invoice;
  const shown = statuses[status] ?? { label: status, variant: "secondary" };
  const name = number ?? "without a number";
  return (
    <TableRow>
      <TableCell>
        <DateTime at={createdAt} />
      </TableCell>
      <TableCell className="whitespace-nowrap font-mono text-xs">{number ?? "-"}</TableCell>
      <TableCell className="text-right">
        <Money micros={totalMicros} />
        {taxMicros > 0 && (
          <span className="block whitespace-nowrap text-muted-foreground text-xs">
            with <Money micros={taxMicros} /> tax
          </span>
        )}
      </TableCell>
      <TableCell>
        <Badge variant={shown.variant}>{shown.label}</Badge>
      </TableCell>
      <TableCell className="whitespace-nowrap text-right">
        <span className="inline-flex items-center gap-4">
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

function DocumentLink({ href, about, children }: { href: string; about: string; children: string }) {
  return (
    <a href={href} rel="noreferrer" className="text-accent underline decoration-accent/40 underline-offset-4">
      {children}
      <span className="sr-only"> invoice {about}</span>
    </a>
  );
}
