import type Stripe from "stripe";

type Format = { country: string | null; value: RegExp };

const unitedKingdom = String.raw`(\d{9}|\d{12}|(GD|HA)\d{3})`;
const europe = [
  String.raw`ATU\d{8}|BE[01]\d{9}|BG\d{9,10}|CY\d{8}[A-Z]|CZ\d{8,10}|DE\d{9}|DK\d{8}|EE\d{9}|EL\d{9}`,
  String.raw`ES[A-Z0-9]\d{7}[A-Z0-9]|FI\d{8}|FR[A-Z0-9]{2}\d{9}|HR\d{11}|HU\d{8}|IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}`,
  String.raw`IT\d{11}|LT(\d{9}|\d{12})|LU\d{8}|LV\d{11}|MT\d{8}|NL\d{9}B\d{2}|PL\d{10}|PT\d{9}|RO\d{2,10}`,
  String.raw`SE\d{12}|SI\d{8}|SK\d{10}|XI${unitedKingdom}`,
].join("|");

/** Formats of the supported tax ids. A null country is read from the value's prefix. */
const formats: Partial<Record<Stripe.TaxId.Type, Format>> = {
  ae_trn: { country: "AE", value: /^\d{15}$/ },
  au_abn: { country: "AU", value: /^\d{11}$/ },
  br_cnpj: { country: "BR", value: /^\d{2}\.?\d{3}\.?\d{3}\/?\d{4}-?\d{2}$/ },
  ca_bn: { country: "CA", value: /^\d{9}$/ },
  ca_gst_hst: { country: "CA", value: /^\d{9}RT\d{4}$/ },
  ch_vat: { country: "CH", value: /^CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)$/ },
  eu_vat: { country: null, value: new RegExp(`^(${europe})$`) },
  gb_vat: { country: "GB", value: new RegExp(`^GB${unitedKingdom}$`) },
  il_vat: { country: "IL", value: /^\d{9}$/ },
  in_gst: { country: "IN", value: /^\d{2}[A-Z]{5}\d{4}[A-Z]\d[A-Z0-9]{2}$/ },
  jp_trn: { country: "JP", value: /^T\d{13}$/ },
  kr_brn: { country: "KR", value: /^\d{3}-\d{2}-\d{5}$/ },
  mx_rfc: { country: "MX", value: /^[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}$/ },
  no_vat: { country: "NO", value: /^\d{9}MVA$/ },
  nz_gst: { country: "NZ", value: /^\d{3}-?\d{3}-?\d{3}$/ },
  sg_gst: { country: "SG", value: /^[A-Z0-9]{9,10}$/ },
  us_ein: { country: "US", value: /^\d{2}-\d{7}$/ },
  za_vat: { country: "ZA", value: /^\d{10}$/ },
};
/** Stripe's test values, valid for every type, with their verification status. */
const testValues: Record<string, Stripe.TaxId.Verification.Status> = {
  "000000000": "verified",
  "111111111": "unverified",
  "222222222": "pending",
};
/** Types that Stripe verifies with a government database. */
const verifiable = new Set<Stripe.TaxId.Type>(["au_abn", "eu_vat", "gb_vat"]);

/** Returns the format of a tax id type; undefined for an unsupported type. */
export function findTaxIdFormat(type: string): Format | undefined {
  return Object.hasOwn(formats, type) ? formats[type] : undefined;
}

/** Returns whether a value is a test value or matches the format. */
export function matchesTaxIdFormat(format: Format, value: string): boolean {
  return Object.hasOwn(testValues, value) || format.value.test(value);
}

/** Returns the country of a tax id. Greece (EL) and Northern Ireland (XI) use tax prefixes of their own. */
export function taxIdCountry(format: Format, value: string): string | null {
  if (format.country !== null) return format.country;
  const letters = value.slice(0, 2);
  return { EL: "GR", XI: "GB" }[letters] ?? (/^[A-Z]{2}$/.test(letters) ? letters : null);
}

/** Returns the verification of a new tax id. */
export function initialVerification(type: string, value: string): Stripe.TaxId.Verification {
  const status = verifiable.has(type) ? (testValues[value] ?? "pending") : "unavailable";
  return { status, verified_address: null, verified_name: null };
}
