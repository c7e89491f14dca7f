import { Button } from "#app/_ui/button.tsx";
import { Card } from "#app/_ui/card.tsx";
import { BillingAddressForm } from "#app/(workspace)/billing/_details/billing-address-form.tsx";
import { deleteTaxIdAction } from "#app/(workspace)/billing/_details/details-actions.ts";
import { TaxIdForm } from "#app/(workspace)/billing/_details/tax-id-form.tsx";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { countries } from "#lib/billing/catalog/countries.ts";
import { taxIdLabel, taxIdTypes } from "#lib/billing/catalog/tax-id-types.ts";
import type { PaymentDetails } from "#lib/billing/reports/payment-details.ts";

type Props = { details: PaymentDetails; canManage: boolean };

/** Name, address and tax IDs for invoices. Changes apply to future invoices. */
export function BillingDetailsCard({ details, canManage }: Props) {
  const { name, address, taxIds } = details;
  return (
    <Card>
      <section aria-labelledby="billing-details" className="flex flex-col gap-5">
        <div className="flex flex-col gap-1">
          <h2 id="billing-details" className="font-semibold">
            Billing details
          </h2>
          <p className="text-muted-foreground text-sm">They stand on your next invoice.</p>
        </div>
        <address className="whitespace-pre-line text-sm not-italic">{addressText(details)}</address>
        {taxIds.length > 0 && (
          <ul className="flex flex-col gap-2 text-sm">
            {taxIds.map(({ id, type, value }) => (
              <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
                <span>
                  {taxIdLabel(type)} <span className="font-mono text-xs">{value}</span>
                </span>
                {canManage && (
                  <ActionButton action={deleteTaxIdAction} fields={{ id }} variant="ghost">
                    Remove<span className="sr-only"> {value}</span>
                  </ActionButton>
                )}
              </li>
            ))}
          </ul>
        )}
        {canManage && (
          <div className="flex flex-col gap-4 border-t pt-5">
            <Disclosure label={address === null ? "Add name and address" : "Change name and address"}>
              <BillingAddressForm name={name} address={address} countries={countries} />
            </Disclosure>
            <Disclosure label="Add a tax id">
              <TaxIdForm types={Object.entries(taxIdTypes).map(([type, said]) => ({ type, ...said }))} />
            </Disclosure>
          </div>
        )}
      </section>
    </Card>
  );
}

/** Opens without JavaScript too. */
function Disclosure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <details className="group">
      <Button asChild variant="outline" className="w-full cursor-pointer list-none sm:w-fit">
        <summary>{label}</summary>
      </Button>
      <div className="pt-4">{children}</div>
    </details>
  );
}

function addressText({ name, address }: PaymentDetails): string {
  if (address === null) return name ?? "There is no address yet.";
  const { line1, line2, postalCode, city, state, country } = address;
  const place = [postalCode, city, state].filter(Boolean).join(" ");
  const land = countries.find(({ code }) => code === country)?.name ?? country;
  return [name, line1, line2, place, land].filter(Boolean).join("\n");
}
