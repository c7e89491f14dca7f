import { randomUUID } from "node:crypto";
import { type AddressObject, type ParsedMail, simpleParser } from "mailparser";
import type { SMTPServerDataStream } from "smtp-server";

/** A letter as it arrived. */
export type Letter = {
  id: string;
  at: string;
  from: string;
  /** Whom the envelope named; hidden receivers are among them. */
  to: string[];
  subject: string;
  text: string;
  /** Empty where the letter has no HTML part. */
  html: string;
  headers: { name: string; value: string }[];
  attachments: { name: string; contentType: string; bytes: number }[];
};

/** What a list shows of a letter. */
export type LetterSummary = Pick<Letter, "id" | "at" | "from" | "to" | "subject"> & { preview: string };

/** Reads a letter from the wire. @param receivers the envelope's */
export async function readLetter(stream: SMTPServerDataStream, receivers: string[]): Promise<Letter> {
  const mail = await simpleParser(stream);
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    from: mail.from?.text ?? "",
    to: receivers.length > 0 ? receivers : addressesIn(mail.to),
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

/** The letter without its parts. */
export function summarise({ id, at, from, to, subject, text }: Letter): LetterSummary {
  return { id, at, from, to, subject, preview: text.replaceAll(/\s+/g, " ").trim().slice(0, 140) };
}

function headersOf({ headerLines }: ParsedMail): Letter["headers"] {
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
