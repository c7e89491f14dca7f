import { recordAudit } from "#lib/accounts/audit.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customers.ts";
import { type CustomerState, fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { applyCustomer } from "#lib/billing/sync.ts";
import { type TaxIdType, taxIdTypes } from "#lib/billing/tax-id-types.ts";
import { AppError, invalidInput } from "#lib/core/errors.ts";
import { addTaxId, putAddressee, removeTaxId } from "#lib/gateways/stripe/billing-details.ts";
import type { StripeAddress, StripeCustomer } from "#lib/gateways/stripe/customers.ts";

/** Whom invoices are made out to. */
export type Addressee = { name: string; address: StripeAddress };

const mostTaxIds = 5;

/**
 * Puts name and address on every invoice from now on. Sent twice, it is done once.
 * @throws AppError forbidden, invalid_input when Stripe does not take it, billing_unavailable
 */
export async function saveAddressee(payer: Payer, addressee: Addressee, at: Date): Promise<void> {
  await changeDetails(payer, at, async (customerId, details) => {
    if (details.name === addressee.name && isSame(details.address, addressee.address)) return null;
    if (!(await putAddressee(customerId, addressee)))
      throw invalidInput([{ path: "line1", message: "This address was not taken. Please check it." }]);
    return { action: "billing.address_changed" };
  });
}

/**
 * Puts a tax id on every invoice from now on. One that is there already is not added again.
 * @throws AppError forbidden, invalid_input when the number cannot be one, conflict when there are five, billing_unavailable
 */
export async function saveTaxId(payer: Payer, type: TaxIdType, written: string, at: Date): Promise<void> {
  const value = written.trim().toUpperCase();
  await changeDetails(payer, at, async (customerId, { taxIds }) => {
    if (taxIds.some((known) => known.type === type && plain(known.value) === plain(value))) return null;
    if (taxIds.length >= mostTaxIds)
      throw new AppError("conflict", { message: "Five tax ids are the most. Remove one first." });
    const id = await addTaxId(customerId, type, value);
    if (id === null) throw invalidInput([{ path: "value", message: refusalOf(type) }]);
    return { action: "billing.tax_id_added", target: id };
  });
}

/**
 * Takes a tax id off the invoices to come. One that is gone already is no error.
 * @throws AppError forbidden, billing_unavailable
 */
export async function dropTaxId(payer: Payer, id: string, at: Date): Promise<void> {
  await changeDetails(payer, at, async (customerId, { taxIds }) => {
    if (!taxIds.some((known) => known.id === id)) return null;
    await removeTaxId(customerId, id);
    return { action: "billing.tax_id_removed", target: id };
  });
}

type Change = { action: string; target?: string } | null;

/** Gathers what Stripe has under the customer's lock, changes it, and writes down what Stripe has then. */
async function changeDetails(
  payer: Payer,
  at: Date,
  change: (customerId: string, details: StripeCustomer) => Promise<Change>,
): Promise<void> {
  requirePayer(payer);
  const { workspaceId, userId } = payer;
  const customerId = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, at));
  await withCustomerLock(workspaceId, async (tx) => {
    const before = await fetchCustomer(customerId);
    if (before.details === null) throw new AppError("conflict");
    const made = await change(customerId, before.details);
    const after: CustomerState = made === null ? before : await fetchCustomer(customerId);
    await applyCustomer(tx, workspaceId, after, at);
    if (made !== null)
      await recordAudit(
        tx,
        { ...made, actorUserId: userId, workspaceId, target: made.target ?? customerId },
        at,
      );
  });
}

/** Spaces, dots and dashes are not part of a number. */
function plain(value: string): string {
  return value.replace(/[\s.\-/]/g, "");
}

function refusalOf(type: TaxIdType): string {
  const { label, example } = taxIdTypes[type];
  return `This is not a valid ${label}. It is written like ${example}.`;
}

function isSame(known: StripeAddress | null, wanted: StripeAddress): boolean {
  const fields = ["line1", "line2", "city", "state", "postalCode", "country"] as const;
  return known !== null && fields.every((field) => known[field] === wanted[field]);
}
