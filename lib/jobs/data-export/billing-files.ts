import { asc, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  billingCustomers,
  charges,
  invoiceLines,
  invoices,
  subscriptionItems,
  subscriptions,
} from "#db/schema/billing.ts";
import { overageSettings } from "#db/schema/billing-records.ts";
import { grants } from "#db/schema/usage.ts";
import { fromMinorUnits, microsPerUsd } from "#lib/core/money.ts";
import type { ExportOwner } from "#lib/jobs/data-export/account-files.ts";
import { csvFile, type ExportFile, jsonFile, toUsd } from "#lib/jobs/data-export/export-file.ts";

/** Plan, payment details, invoices, payments and credit of the workspace. */
export async function billingFiles(tx: Tx, { workspaceId }: ExportOwner): Promise<ExportFile[]> {
  return [
    await detailsFile(tx, workspaceId),
    ...(await invoiceFiles(tx, workspaceId)),
    await paymentFile(tx, workspaceId),
    await grantFile(tx, workspaceId),
  ];
}

async function detailsFile(tx: Tx, workspaceId: string): Promise<ExportFile> {
  const [customer] = await tx
    .select({
      stripeCustomerId: billingCustomers.stripeCustomerId,
      cardBrand: billingCustomers.cardBrand,
      cardLast4: billingCustomers.cardLast4,
      cardExpMonth: billingCustomers.cardExpMonth,
      cardExpYear: billingCustomers.cardExpYear,
      invoiceName: billingCustomers.invoiceName,
      address: billingCustomers.address,
      taxIds: billingCustomers.taxIds,
    })
    .from(billingCustomers)
    .where(eq(billingCustomers.workspaceId, workspaceId));
  const plans = await tx
    .select({
      id: subscriptions.id,
      status: subscriptions.status,
      plan: subscriptionItems.lookupKey,
      periodStart: subscriptionItems.periodStart,
      periodEnd: subscriptionItems.periodEnd,
      cancelAtPeriodEnd: subscriptions.cancelAtPeriodEnd,
      createdAt: subscriptions.createdAt,
      endedAt: subscriptions.endedAt,
    })
    .from(subscriptions)
    .leftJoin(subscriptionItems, eq(subscriptionItems.subscriptionId, subscriptions.id))
    .where(eq(subscriptions.workspaceId, workspaceId))
    .orderBy(asc(subscriptions.createdAt));
  const [extraUsage] = await tx
    .select({ enabled: overageSettings.enabled, capMicros: overageSettings.capMicros })
    .from(overageSettings)
    .where(eq(overageSettings.workspaceId, workspaceId));
  return jsonFile("billing/details.json", {
    customer: customer ?? null,
    subscriptions: plans,
    extraUsage: extraUsage ?? null,
  });
}

async function invoiceFiles(tx: Tx, workspaceId: string): Promise<ExportFile[]> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(eq(invoices.workspaceId, workspaceId))
    .orderBy(asc(invoices.createdAt));
  const lines = await tx
    .select({
      invoiceId: invoiceLines.invoiceId,
      description: invoiceLines.description,
      amountCents: invoiceLines.amountCents,
      currency: invoices.currency,
      periodStart: invoiceLines.periodStart,
      periodEnd: invoiceLines.periodEnd,
    })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.id, invoiceLines.invoiceId))
    .where(eq(invoices.workspaceId, workspaceId))
    .orderBy(asc(invoices.createdAt), asc(invoiceLines.id));
  return [
    csvFile(
      "billing/invoices.csv",
      [
        "id",
        "number",
        "status",
        "currency",
        "total",
        "paid",
        "due",
        "period_start",
        "period_end",
        "created_at",
        "paid_at",
        "pdf_url",
      ],
      [rows],
      (row) => [
        row.id,
        row.number,
        row.status,
        row.currency,
        toAmount(row.totalCents, row.currency),
        toAmount(row.amountPaidCents, row.currency),
        toAmount(row.amountDueCents, row.currency),
        row.periodStart,
        row.periodEnd,
        row.createdAt,
        row.paidAt,
        row.pdfUrl,
      ],
    ),
    csvFile(
      "billing/invoice-lines.csv",
      ["invoice_id", "description", "amount", "currency", "period_start", "period_end"],
      [lines],
      (row) => [
        row.invoiceId,
        row.description,
        toAmount(row.amountCents, row.currency),
        row.currency,
        row.periodStart,
        row.periodEnd,
      ],
    ),
  ];
}

async function paymentFile(tx: Tx, workspaceId: string): Promise<ExportFile> {
  const rows = await tx
    .select()
    .from(charges)
    .where(eq(charges.workspaceId, workspaceId))
    .orderBy(asc(charges.createdAt));
  const header = ["id", "invoice_id", "amount_cents", "refunded_cents", "disputed_cents", "created_at"];
  return csvFile("billing/payments.csv", header, [rows], (row) => [
    row.id,
    row.invoiceId,
    row.amountCents,
    row.refundedCents,
    row.disputedCents,
    row.createdAt,
  ]);
}

async function grantFile(tx: Tx, workspaceId: string): Promise<ExportFile> {
  const rows = await tx
    .select()
    .from(grants)
    .where(eq(grants.workspaceId, workspaceId))
    .orderBy(asc(grants.createdAt));
  const header = [
    "id",
    "kind",
    "amount_usd",
    "remaining_usd",
    "spent_usd",
    "expired_usd",
    "taken_back_usd",
    "starts_at",
    "expires_at",
  ];
  return csvFile("billing/credit.csv", header, [rows], (row) => [
    row.id,
    row.kind,
    toUsd(row.amountMicros),
    toUsd(row.remainingMicros),
    toUsd(row.spentMicros),
    toUsd(row.expiredMicros),
    toUsd(row.takenBackMicros),
    row.startsAt,
    row.expiresAt,
  ]);
}

/** An amount in its currency, with the decimals that the currency has. */
function toAmount(minorUnits: number, currency: string): string {
  return String(fromMinorUnits(minorUnits, currency) / microsPerUsd);
}
