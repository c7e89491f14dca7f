import { getDocumentProxy } from "unpdf";
import { maxTextLength } from "#lib/chat/files/attachment-limits.ts";
import { RejectedFile } from "#lib/chat/files/inspect/inspection.ts";

/** pdf.js searches a page from the first one on, so the time grows with the square of the pages. */
const maxPages = 3_000;

/**
 * Extracts the text of a PDF, page by page.
 * @throws RejectedFile encrypted, unreadable, tooLong, withoutText (a scan)
 */
export async function readPdf(bytes: Buffer): Promise<{ text: string; pages: number }> {
  const pdf = await open(bytes);
  if (pdf.numPages > maxPages) throw new RejectedFile("tooLong");
  const texts: string[] = [];
  let length = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    let text = "";
    for (const item of items) if ("str" in item) text += item.hasEOL ? `${item.str}\n` : item.str;
    page.cleanup();
    length += text.length;
    if (length > maxTextLength) throw new RejectedFile("tooLong");
    texts.push(text.trim());
  }
  if (texts.every((text) => text === "")) throw new RejectedFile("withoutText");
  return { text: texts.join("\n\n"), pages: pdf.numPages };
}

async function open(bytes: Buffer) {
  try {
    // pdf.js takes the bytes for itself, so it gets a copy.
    return await getDocumentProxy(new Uint8Array(bytes), { disableFontFace: true, verbosity: 0 });
  } catch (error) {
    const isLocked = error instanceof Error && error.name === "PasswordException";
    throw new RejectedFile(isLocked ? "encrypted" : "unreadable", error);
  }
}
