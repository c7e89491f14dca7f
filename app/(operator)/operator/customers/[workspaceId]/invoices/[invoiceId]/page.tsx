import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { LineExplanation } from "#app/(operator)/_console/line-explanation.tsx";
import { type QueryParams, readText } from "#app/(operator)/_console/read-query.ts";
import { db } from "#db/client.ts";
import { explainInvoice } from "#lib/billing/reports/explain-invoice.ts";
import { AppError } from "#lib/core/errors.ts";
import { fromCents } from "#lib/core/money.ts";

export const generateMetadata = pageMetadata("/operator/customers/[workspaceId]/invoices/[invoiceId]");

type Props = {
  params: Promise<{ workspaceId: string; invoiceId: string }>;
  searchParams: Promise<QueryParams>;
};

const cursorSchema = z.object({ grantId: z.uuid(), entryId: z.coerce.number().int().positive() });

export default async function OperatorInvoicePage({ params, searchParams }: Props) {
  await requireOperator();
  const { workspaceId, invoiceId } = await params;
  const [grantId, entryId] = readText(await searchParams, "answers")?.split("_") ?? [];
  const cursor = cursorSchema.safeParse({ grantId, entryId }).data;
  if (!z.uuid().safeParse(workspaceId).success) return notFound();
  const invoice = await explainInvoice(db(), workspaceId, invoiceId, cursor).catch((error) => {
    if (error instanceof AppError && error.code === "not_found") return notFound();
    throw error;
  });
  const path = `/operator/customers/${workspaceId}/invoices/${invoiceId}`;
  return (
    <>
      <p className="mb-2 text-sm">
        <Link
          href={`/operator/customers/${workspaceId}`}
          className="text-muted-foreground underline underline-offset-4"
        >
          Back to the customer
        </Link>
      </p>
      <PageHeader
        title={`Invoice ${invoice.number ?? invoice.id}`}
        description={
          <>
            {invoice.status} · <Money micros={fromCents(invoice.totalCents)} /> in all,{" "}
            <Money micros={fromCents(invoice.amountPaidCents)} /> paid
            {invoice.returnedCents > 0 && (
              <>
                , <Money micros={fromCents(invoice.returnedCents)} /> went back
              </>
            )}{" "}
            · <DateTime at={invoice.createdAt} />
          </>
        }
      />
      {invoice.lines.length === 0 ? (
        <p className="text-muted-foreground">
          No line of this invoice is known yet. Sync the customer to fetch them.
        </p>
      ) : (
        <ol className="flex flex-col gap-10">
          {invoice.lines.map((line) => (
            <LineExplanation key={line.id} line={line} path={path} />
          ))}
        </ol>
      )}
    </>
  );
}
