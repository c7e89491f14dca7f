import { recordAudit } from "#lib/accounts/audit.ts";
import { type TaxIdType, taxIdTypes } from "#lib/billing/catalog/tax-id-types.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { applyCustomerState } from "#lib/billing/sync/sync-customer.ts";
import { AppError, errorReason, fieldProblem, invalidInput } from "#lib/core/errors.ts";
import { addTaxId, removeTaxId, updateInvoiceRecipient } from "#lib/gateways/stripe/billing-details.ts";
import type { StripeAddress, StripeCustomer } from "#lib/gateways/stripe/customers.ts";

/** The name and address on a workspace's invoices. */
export type InvoiceRecipient = { name: string; address: StripeAddress };

const maxTaxIds = 5;

/**
 * Sets the name and address on all future invoices. Idempotent.
 * @throws AppError forbidden, invalid_input when Stripe rejects the address, billing_unavailable
 */
export async function saveInvoiceRecipient(
  admin: BillingAdmin,
  recipient: InvoiceRecipient,
  at: Date,
): Promise<void> {
  await changeDetails(admin, at, async (customerId, details) => {
    if (details.name === recipient.name && isSame(details.address, recipient.address)) return null;
    if (!(await updateInvoiceRecipient(customerId, recipient)))
      throw invalidInput([fieldProblem("line1", "addressRejected")]);
    return { action: "billing.address_changed" };
  });
}

/**
 * Adds a tax id to all future invoices. Idempotent.
 * @throws AppError forbidden, invalid_input when the number is invalid, conflict when there are five,
 *   billing_unavailable
 */
export async function saveTaxId(
  admin: BillingAdmin,
  type: TaxIdType,
  input: string,
  at: Date,
): Promise<void> {
  const value = input.trim().toUpperCase();
  await changeDetails(admin, at, async (customerId, { taxIds }) => {
    if (taxIds.some((other) => other.type === type && normalize(other.value) === normalize(value)))
      return null;
    if (taxIds.length >= maxTaxIds) throw new AppError("conflict", { reason: errorReason("tooManyTaxIds") });
    const id = await addTaxId(customerId, type, value);
    if (id === null)
      throw invalidInput([fieldProblem("value", "taxIdRejected", { example: taxIdTypes[type].example })]);
    return { action: "billing.tax_id_added", target: id };
  });
}

/**
 * Removes a tax id from all future invoices. Idempotent.
 * @throws AppError forbidden, billing_unavailable
 */
export async function deleteTaxId(admin: BillingAdmin, id: string, at: Date): Promise<void> {
  await changeDetails(admin, at, async (customerId, { taxIds }) => {
    if (!taxIds.some((other) => other.id === id)) return null;
    await removeTaxId(customerId, id);
    return { action: "billing.tax_id_removed", target: id };
  });
}

type Change = { action: string; target?: string } | null;

/** Fetches the customer under its lock, changes it at Stripe, and writes the resulting state. */
async function changeDetails(
  admin: BillingAdmin,
  at: Date,
  change: (customerId: string, details: StripeCustomer) => Promise<Change>,
): Promise<void> {
  requireBillingAdmin(admin);
  const { workspaceId, userId } = admin;
  const customerId = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, at));
  await withCustomerLock(workspaceId, async (tx) => {
    const before = await fetchCustomer(customerId);
    if (before.details === null) throw new AppError("conflict");
    const applied = await change(customerId, before.details);
    const after: CustomerState = applied === null ? before : await fetchCustomer(customerId);
    await applyCustomerState(tx, workspaceId, after, at);
    if (applied !== null)
      await recordAudit(
        tx,
        { ...applied, actorUserId: userId, workspaceId, target: applied.target ?? customerId },
        at,
      );
  });
}

/** Removes spaces, dots, dashes and slashes, which are not part of the number. */
function normalize(value: string): string {
  return value.replace(/[\s.\-/]/g, "");
}

function isSame(current: StripeAddress | null, wanted: StripeAddress): boolean {
  const fields = ["line1", "line2", "city", "state", "postalCode", "country"] as const;
  return current !== null && fields.every((field) => current[field] === wanted[field]);
}
