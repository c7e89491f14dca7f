import Link from "next/link";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
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
  const t = await getTranslations("operator.invoice");
  const amount = (cents: number) => () => <Money micros={fromCents(cents)} />;
  const path = `/operator/customers/${workspaceId}/invoices/${invoiceId}`;
  return (
    <>
      <p className="mb-2 text-sm">
        <Link
          href={`/operator/customers/${workspaceId}`}
          className="text-muted-foreground underline underline-offset-4"
        >
          {t("back")}
        </Link>
      </p>
      <PageHeader
        title={t("title", { number: invoice.number ?? invoice.id })}
        description={
          <>
            {invoice.status} · {t.rich("total", { amount: amount(invoice.totalCents) })} ·{" "}
            {t.rich("paid", { amount: amount(invoice.amountPaidCents) })}
            {invoice.returnedCents > 0 && (
              <> · {t.rich("returned", { amount: amount(invoice.returnedCents) })}</>
            )}{" "}
            · <DateTime at={invoice.createdAt} />
          </>
        }
      />
      {invoice.lines.length === 0 ? (
        <p className="text-muted-foreground">{t("noLines")}</p>
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
