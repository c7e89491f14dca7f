import type Stripe from "stripe";
import type { DocumentLanguage } from "#sandbox/stripe/invoices/document-language.ts";

/** Renders an invoice as a one-page PDF. */
export function buildInvoicePdf(invoice: Stripe.Invoice, { texts, money, day }: DocumentLanguage): Buffer {
  const amount = (value: number) => money(value, invoice.currency);
  const rows: Row[] = [
    { left: `${texts.invoice} ${invoice.number ?? invoice.id}`, size: 20 },
    { left: texts.simulated, size: 10 },
    { left: "" },
    ...addresseeRows(invoice, texts.taxId).map((left, position) => ({
      left: position === 0 ? `${texts.billedTo}: ${left}` : left,
    })),
    { left: `${texts.issuedOn}: ${day(invoice.status_transitions.finalized_at)}` },
    { left: `${texts.status}: ${texts.statuses[invoice.status ?? ""] ?? "-"}` },
    { left: "" },
    ...invoice.lines.data.flatMap((line) => [
      { left: line.description ?? "", right: amount(line.amount) },
      { left: texts.period(day(line.period.start), day(line.period.end)), size: 9 },
    ]),
    { left: "" },
    ...subtotalRows(invoice).map((row) => ({ left: texts[row.label], right: amount(row.amount) })),
    { left: texts.total, right: amount(invoice.total) },
    { left: texts.amountDue, right: amount(invoice.amount_due) },
    { left: texts.amountPaid, right: amount(invoice.amount_paid) },
  ];
  return assemble(drawRows(rows));
}

/** Returns the lines of the billing address, as it was when the invoice was finalized. */
export function addresseeRows(invoice: Stripe.Invoice, taxIdLabel: string): string[] {
  const { customer_name: name, customer_email: email, customer_address: address } = invoice;
  const place = [address?.postal_code, address?.city, address?.state].filter(Boolean).join(" ");
  const ids = (invoice.customer_tax_ids ?? []).map(({ type, value }) => `${taxIdLabel} (${type}): ${value}`);
  const rows = [name, email, address?.line1, address?.line2, place, address?.country, ...ids];
  return rows.flatMap((row) => row || []);
}

/** Renders a credit note as a one-page PDF. */
export function buildCreditNotePdf(note: Stripe.CreditNote, { texts, money, day }: DocumentLanguage): Buffer {
  const amount = (value: number) => money(value, note.currency);
  const rows: Row[] = [
    { left: `${texts.creditNote} ${note.number}`, size: 20 },
    { left: texts.simulated, size: 10 },
    { left: "" },
    { left: `${texts.issuedOn}: ${day(note.created)}` },
    { left: `${texts.status}: ${texts.statuses[note.status] ?? note.status}` },
    ...(note.memo === null ? [] : [{ left: note.memo }]),
    { left: "" },
    ...note.lines.data.map((line) => ({
      left: line.description ?? texts.credit,
      right: amount(line.amount),
    })),
    { left: "" },
    ...(note.discount_amount > 0 ? [{ left: texts.discount, right: amount(-note.discount_amount) }] : []),
    { left: texts.totalCredited, right: amount(note.amount) },
  ];
  return assemble(drawRows(rows));
}

/** Returns the subtotal and discount rows of an invoice; none when the lines add up to the total. */
export function subtotalRows(invoice: Stripe.Invoice): { label: "subtotal" | "discount"; amount: number }[] {
  const lines = invoice.lines.data.reduce((sum, line) => sum + line.amount, 0);
  if (lines === invoice.total) return [];
  return [
    { label: "subtotal", amount: lines },
    { label: "discount", amount: invoice.total - lines },
  ];
}

type Row = { left: string; right?: string; size?: number };

function drawRows(rows: Row[]): string {
  let y = 780;
  const drawn = rows.flatMap(({ left, right, size = 11 }) => {
    y -= Math.round(size * 1.6);
    const texts = [drawText(56, y, size, left)];
    if (right !== undefined) texts.push(drawText(540 - right.length * size * 0.5, y, size, right));
    return texts;
  });
  return drawn.join("\n");
}

function drawText(x: number, y: number, size: number, text: string): string {
  return `BT /F1 ${size} Tf ${x.toFixed(0)} ${y} Td (${escapeText(text)}) Tj ET`;
}

/**
 * Escapes a PDF string. The built-in font has Latin-1 and the euro sign only; other characters become
 * question marks.
 */
function escapeText(text: string): string {
  return [...text]
    .map((character) => ((character.codePointAt(0) ?? 0) < 256 || character === "€" ? character : "?"))
    .join("")
    .replaceAll(/[\\()]/g, (match) => `\\${match}`)
    .replaceAll("€", "\\200");
}

function assemble(content: string): Buffer {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
    `<< /Length ${Buffer.byteLength(content, "latin1")} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
  ];
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, position) => {
    const offset = Buffer.byteLength(file, "latin1");
    file += `${position + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = Buffer.byteLength(file, "latin1");
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, "latin1");
}
