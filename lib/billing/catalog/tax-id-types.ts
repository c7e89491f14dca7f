/**
 * The tax id types that users can add here, by Stripe's names, with an example. Stripe's portal accepts
 * others.
 */
export const taxIdTypes = {
  eu_vat: { label: "EU VAT number", example: "DE123456789" },
  gb_vat: { label: "United Kingdom VAT number", example: "GB123456789" },
  us_ein: { label: "United States EIN", example: "12-3456789" },
  ch_vat: { label: "Switzerland VAT number", example: "CHE-123.456.789 MWST" },
  no_vat: { label: "Norway VAT number", example: "123456789MVA" },
  ca_gst_hst: { label: "Canada GST/HST number", example: "123456789RT0002" },
  ca_bn: { label: "Canada business number", example: "123456789" },
  au_abn: { label: "Australia ABN", example: "12345678912" },
  nz_gst: { label: "New Zealand GST number", example: "123-456-789" },
  in_gst: { label: "India GST number", example: "12ABCDE3456FGZH" },
  jp_trn: { label: "Japan registration number", example: "T1234567891234" },
  kr_brn: { label: "South Korea business number", example: "123-45-67890" },
  sg_gst: { label: "Singapore GST number", example: "M12345678X" },
  br_cnpj: { label: "Brazil CNPJ", example: "01.234.456/5432-10" },
  mx_rfc: { label: "Mexico RFC", example: "ABC010203AB9" },
  za_vat: { label: "South Africa VAT number", example: "4123456789" },
  il_vat: { label: "Israel VAT number", example: "000012345" },
  ae_trn: { label: "United Arab Emirates TRN", example: "123456789012345" },
} as const;

export type TaxIdType = keyof typeof taxIdTypes;

/** Whether a string is one of the types that users can add here. */
export function isTaxIdType(type: string): type is TaxIdType {
  return Object.hasOwn(taxIdTypes, type);
}
