import { useLocale, useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { BillingAddressForm } from "#app/(workspace)/billing/_details/billing-address-form.tsx";
import { deleteTaxIdAction } from "#app/(workspace)/billing/_details/details-actions.ts";
import { TaxIdForm } from "#app/(workspace)/billing/_details/tax-id-form.tsx";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { type Country, countriesIn } from "#lib/billing/catalog/countries.ts";
import { isTaxIdType, taxIdTypes } from "#lib/billing/catalog/tax-id-types.ts";
import type { PaymentDetails } from "#lib/billing/reports/payment-details.ts";

type Props = { details: PaymentDetails; canManage: boolean };

/** Name, address and tax IDs for invoices. Changes apply to future invoices. */
export function BillingDetails({ details, canManage }: Props) {
  const t = useTranslations("billing.details");
  const countries = countriesIn(useLocale());
  const { name, address, taxIds } = details;
  return (
    <section aria-labelledby="billing-details" className="flex flex-col gap-5">
      <div className="flex flex-col gap-1">
        <h2 id="billing-details" className="font-semibold">
          {t("title")}
        </h2>
        <p className="text-muted-foreground text-sm">{t("lead")}</p>
      </div>
      <address className="whitespace-pre-line text-sm not-italic">
        {addressText(details, countries) ?? t("noAddress")}
      </address>
      {taxIds.length > 0 && (
        <ul className="flex flex-col gap-2 text-sm">
          {taxIds.map(({ id, type, value }) => (
            <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
              <span>
                {isTaxIdType(type) ? taxIdTypes[type].label : t("taxId")}{" "}
                <span className="font-mono text-xs">{value}</span>
              </span>
              {canManage && (
                <ActionButton action={deleteTaxIdAction} fields={{ id }} variant="ghost">
                  {t.rich("remove", { value, hidden: (text) => <span className="sr-only">{text}</span> })}
                </ActionButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {canManage && (
        <div className="flex flex-col gap-4">
          <Disclosure label={t(address === null ? "addAddress" : "changeAddress")}>
            <BillingAddressForm name={name} address={address} countries={countries} />
          </Disclosure>
          <Disclosure label={t("addTaxId")}>
            <TaxIdForm types={Object.entries(taxIdTypes).map(([type, said]) => ({ type, ...said }))} />
          </Disclosure>
        </div>
      )}
    </section>
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

/** Returns the lines of the address; null without name and address. */
function addressText({ name, address }: PaymentDetails, countries: readonly Country[]): string | null {
  if (address === null) return name;
  const { line1, line2, postalCode, city, state, country } = address;
  const place = [postalCode, city, state].filter(Boolean).join(" ");
  const land = countries.find(({ code }) => code === country)?.name ?? country;
  return [name, line1, line2, place, land].filter(Boolean).join("\n");
}
