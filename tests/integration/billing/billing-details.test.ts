import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { auditLog } from "#db/schema/accounts.ts";
import { deleteTaxId, saveInvoiceRecipient, saveTaxId } from "#lib/billing/actions/billing-details.ts";
import { changeLocale } from "#lib/billing/actions/change-locale.ts";
import { readPaymentDetails } from "#lib/billing/reports/payment-details.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readStripeCustomerId,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

const address = {
  line1: "12 Rue du Bac",
  line2: null,
  city: "Paris",
  state: null,
  postalCode: "75007",
  country: "FR",
};
const addressee = { name: "Analytical Engines SARL", address };
const detailsOf = ({ workspaceId }: Customer) => readPaymentDetails(testEnv.db, workspaceId, now());

async function auditOf({ workspaceId }: Customer): Promise<string[]> {
  const rows = await testEnv.db.select().from(auditLog).where(eq(auditLog.workspaceId, workspaceId));
  return rows.map(({ action }) => action).filter((action) => action.startsWith("billing."));
}

test("billing details saved before the first purchase appear on the first invoice and its PDF", async () => {
  const customer = await addCustomer(testEnv);
  await saveInvoiceRecipient(customer, addressee, now());
  await saveTaxId(customer, "eu_vat", " fr12345678901 ", now());
  expect(await detailsOf(customer)).toMatchObject({
    ...addressee,
    taxIds: [{ type: "eu_vat", value: "FR12345678901" }],
  });

  const customerId = await subscribe(testEnv, customer, "pro_month");
  const [invoice] = (await testEnv.stripe.invoices.list({ customer: customerId })).data;
  expect(invoice).toMatchObject({
    customer_name: "Analytical Engines SARL",
    customer_address: { line1: "12 Rue du Bac", city: "Paris", postal_code: "75007", country: "FR" },
    customer_tax_ids: [{ type: "eu_vat", value: "FR12345678901" }],
  });
  for (const url of [invoice?.hosted_invoice_url, invoice?.invoice_pdf]) {
    const shown = await (await fetch(url ?? "")).text();
    for (const line of ["Analytical Engines SARL", "12 Rue du Bac", "75007 Paris", "FR12345678901"])
      expect(shown, String(url)).toContain(line);
  }
});

test("invoices have the owner's language at Stripe, and follow a change of it", async () => {
  const customer = await addCustomer(testEnv);
  await changeLocale(customer.userId, "de");
  const customerId = await subscribe(testEnv, customer, "pro_month");
  const readLocales = async () => {
    const found = await testEnv.stripe.customers.retrieve(customerId);
    return found.deleted === true ? null : found.preferred_locales;
  };
  expect(await readLocales()).toEqual(["de"]);
  const [invoice] = (await testEnv.stripe.invoices.list({ customer: customerId })).data;
  const readDocuments = () =>
    Promise.all(
      [invoice?.hosted_invoice_url, invoice?.invoice_pdf].map(async (url) =>
        (await fetch(url ?? "")).arrayBuffer().then((bytes) => Buffer.from(bytes).toString("latin1")),
      ),
    );
  for (const shown of await readDocuments()) expect(shown).toContain("Rechnung");

  await testEnv.startJobs();
  await changeLocale(customer.userId, "en");
  await vi.waitFor(async () => expect(await readLocales()).toEqual(["en"]), 20_000);
  for (const shown of await readDocuments()) {
    expect(shown).toContain("Invoice");
    expect(shown).not.toContain("Rechnung");
  }
});

test("an empty address line clears the saved one", async () => {
  const customer = await addCustomer(testEnv);
  await saveInvoiceRecipient(customer, { ...addressee, address: { ...address, line2: "Floor 3" } }, now());
  await saveInvoiceRecipient(customer, addressee, now());
  expect((await detailsOf(customer)).address?.line2 ?? null).toBeNull();
});

test("saving the same billing details twice, concurrently or later, changes them once", async () => {
  const customer = await addCustomer(testEnv);
  await Promise.all([1, 2].map(() => saveInvoiceRecipient(customer, addressee, now())));
  await Promise.all([1, 2].map(() => saveTaxId(customer, "ch_vat", "CHE-123.456.789 MWST", now())));
  await saveTaxId(customer, "ch_vat", "CHE123456789 mwst", now());
  const { taxIds } = await detailsOf(customer);
  expect(taxIds).toHaveLength(1);
  const id = taxIds[0]?.id ?? "";
  await Promise.all([1, 2].map(() => deleteTaxId(customer, id, now())));
  expect((await detailsOf(customer)).taxIds).toEqual([]);
  expect(await auditOf(customer)).toEqual([
    "billing.address_changed",
    "billing.tax_id_added",
    "billing.tax_id_removed",
  ]);
});

test("a malformed tax id is rejected at its field with the expected format and changes nothing", async () => {
  const customer = await addCustomer(testEnv);
  await expect(saveTaxId(customer, "gb_vat", "12", now())).rejects.toMatchObject({
    code: "invalid_input",
    fields: [expect.objectContaining({ path: "value", message: "Enter a valid tax ID, like GB123456789." })],
  });
  expect(await auditOf(customer)).toEqual([]);
});

test("adding a sixth tax id is rejected with a message", async () => {
  const customer = await addCustomer(testEnv);
  for (const last of [1, 2, 3, 4, 5]) await saveTaxId(customer, "us_ein", `12-345678${last}`, now());
  await expect(saveTaxId(customer, "us_ein", "12-3456786", now())).rejects.toMatchObject({
    code: "conflict",
    message: "You can add up to five tax IDs. Remove one first.",
  });
});

test("another workspace's tax id cannot be removed, and a member without billing rights changes no details", async () => {
  const customer = await addCustomer(testEnv);
  await saveTaxId(customer, "us_ein", "12-3456789", now());
  const id = (await detailsOf(customer)).taxIds[0]?.id ?? "";
  await deleteTaxId(await addCustomer(testEnv), id, now());
  const customerId = await readStripeCustomerId(testEnv, customer);
  expect((await testEnv.stripe.customers.listTaxIds(customerId)).data).toHaveLength(1);
  const member = { ...customer, memberRole: "member" as const };
  await expect(saveInvoiceRecipient(member, addressee, now())).rejects.toMatchObject({ code: "forbidden" });
  await expect(deleteTaxId(member, id, now())).rejects.toMatchObject({ code: "forbidden" });
});
