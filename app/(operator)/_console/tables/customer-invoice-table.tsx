import Link from "next/link";
import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { RefundBadges } from "#app/_ui/refund-badges.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { CustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { fromCents } from "#lib/core/money.ts";

/** A customer's invoices with links to their explanations. */
export function CustomerInvoiceTable({
  invoices,
  workspaceId,
}: {
  invoices: CustomerDetail["invoices"];
  workspaceId: string;
}) {
  const t = useTranslations("operator");
  return (
    <Table aria-label={t("customer.invoices")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("invoices.date")}</TableHead>
          <TableHead>{t("invoices.number")}</TableHead>
          <TableHead>{t("invoices.status")}</TableHead>
          <TableHead className="text-right">{t("invoices.total")}</TableHead>
          <TableHead className="text-right">{t("invoices.paid")}</TableHead>
          <TableHead>
            <span className="sr-only">{t("invoices.explanation")}</span>
          </TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {invoices.map(({ id, number, status, totalCents, amountPaidCents, returned, createdAt }) => (
          <TableRow key={id}>
            <TableCell>
              <DateTime at={createdAt} />
            </TableCell>
            <TableCell className="whitespace-nowrap font-mono text-xs">{number ?? id}</TableCell>
            <TableCell>
              <span className="inline-flex flex-wrap items-center gap-1">
                {status} {returned !== null && <RefundBadges {...returned} alwaysShowAmount />}
              </span>
            </TableCell>
            <TableCell className="text-right">
              <Money micros={fromCents(totalCents)} />
            </TableCell>
            <TableCell className="text-right">
              <Money micros={fromCents(amountPaidCents)} />
            </TableCell>
            <TableCell className="text-right">
              <Link
                href={`/operator/customers/${workspaceId}/invoices/${id}`}
                className="text-accent underline decoration-accent/40 underline-offset-4"
              >
                {t.rich("invoices.explain", {
                  number: number ?? id,
                  hidden: (text) => <span className="sr-only">{text}</span>,
                })}
              </Link>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
