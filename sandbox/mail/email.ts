import { randomUUID } from "node:crypto";
import { type AddressObject, type ParsedMail, simpleParser } from "mailparser";
import type { SMTPServerDataStream } from "smtp-server";

/** A received email. */
export type ReceivedEmail = {
  id: string;
  at: string;
  from: string;
  /** Recipients of the envelope, including hidden ones. */
  to: string[];
  subject: string;
  text: string;
  /** Empty without an HTML part. */
  html: string;
  headers: { name: string; value: string }[];
  attachments: { name: string; contentType: string; bytes: number }[];
};

/** The fields of a list entry. */
export type EmailSummary = Pick<ReceivedEmail, "id" | "at" | "from" | "to" | "subject"> & { preview: string };

/** Parses a received email. @param recipients the envelope's recipients */
export async function parseEmail(stream: SMTPServerDataStream, recipients: string[]): Promise<ReceivedEmail> {
  const mail = await simpleParser(stream);
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    from: mail.from?.text ?? "",
    to: recipients.length > 0 ? recipients : addressesIn(mail.to),
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: typeof mail.html === "string" ? mail.html : "",
    headers: headersOf(mail),
    attachments: mail.attachments.map(({ filename, contentType, size }) => ({
      name: filename ?? "(no name)",
      contentType,
      bytes: size,
    })),
  };
}

/** The email without its bodies. */
export function summarize({ id, at, from, to, subject, text }: ReceivedEmail): EmailSummary {
  return { id, at, from, to, subject, preview: text.replaceAll(/\s+/g, " ").trim().slice(0, 140) };
}

function headersOf({ headerLines }: ParsedMail): ReceivedEmail["headers"] {
  return headerLines.map(({ line }) => {
    const colon = line.indexOf(":");
    return {
      name: line.slice(0, colon),
      value: line
        .slice(colon + 1)
        .replaceAll(/\s+/g, " ")
        .trim(),
    };
  });
}

function addressesIn(to: AddressObject | AddressObject[] | undefined): string[] {
  return [to ?? []].flat().flatMap(({ value }) => value.flatMap(({ address }) => address ?? []));
}
