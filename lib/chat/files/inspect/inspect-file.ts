import { createHash } from "node:crypto";
import {
  type AttachmentKind,
  maxImageBytes,
  maxImagePixels,
  maxImageSide,
  maxTextLength,
} from "#lib/chat/files/attachment-limits.ts";
import { toDocumentText } from "#lib/chat/files/document-text.ts";
import { decodeText } from "#lib/chat/files/inspect/decode-text.ts";
import { readSignature } from "#lib/chat/files/inspect/file-signature.ts";
import { type Inspection, RejectedFile } from "#lib/chat/files/inspect/inspection.ts";
import { stripMetadata } from "#lib/chat/files/inspect/strip-metadata.ts";
import { imageTokensOf, readSizeOf } from "#lib/usage/image-tokens.ts";
import { countText } from "#lib/usage/tokens.ts";

/**
 * Finds out what a file is and extracts its text. Takes seconds for large files, so it runs in a worker.
 * @param name only named in the text; the content decides
 * @throws RejectedFile
 */
export async function inspectFile(bytes: Buffer, name: string): Promise<Inspection> {
  if (bytes.length === 0) throw new RejectedFile("empty");
  const signature = readSignature(bytes);
  if (signature?.kind === "image") return inspectImage(bytes, signature.contentType);
  const { text, pages = null, ...type } = await readDocument(bytes, signature);
  // PostgreSQL's text has no NUL, and JSON no lone surrogates.
  const clean = text.replaceAll("\0", "").toWellFormed();
  if (clean.length > maxTextLength) throw new RejectedFile("tooLong");
  const sha256 = sha256Of(bytes);
  const tokens = countText("", toDocumentText({ name, sha256 }, clean));
  return { ...type, pages, text: clean, tokens, sha256, width: null, height: null, replacement: null };
}

type ReadDocument = { kind: AttachmentKind; contentType: string; text: string; pages?: number };

async function readDocument(
  bytes: Buffer,
  signature: ReturnType<typeof readSignature>,
): Promise<ReadDocument> {
  switch (signature?.kind) {
    case "pdf": {
      const { readPdf } = await import("#lib/chat/files/inspect/read-pdf.ts");
      return { kind: "pdf", contentType: "application/pdf", ...(await readPdf(bytes)) };
    }
    case "zip": {
      const { readOffice } = await import("#lib/chat/files/inspect/read-office.ts");
      return readOffice(bytes);
    }
    case "oldOffice": {
      const { isEncryptedOffice } = await import("#lib/chat/files/inspect/read-office.ts");
      throw new RejectedFile(isEncryptedOffice(bytes) ? "encrypted" : "unsupported");
    }
    default: {
      const text = decodeText(bytes);
      if (text === null) throw new RejectedFile("unsupported");
      if (text.trim() === "") throw new RejectedFile("empty");
      return { kind: "text", contentType: "text/plain; charset=utf-8", text };
    }
  }
}

/** Checks an image by its header, without decoding it. */
function inspectImage(bytes: Buffer, contentType: string): Inspection {
  const size = readSizeOf(bytes);
  if (bytes.length > maxImageBytes) throw new RejectedFile("imageTooLarge");
  if (size === null) throw new RejectedFile("unreadable");
  const { width, height } = size;
  if (width > maxImageSide || height > maxImageSide || width * height > maxImagePixels)
    throw new RejectedFile("imageTooLarge");
  const stripped = strip(bytes, contentType);
  return {
    ...{ kind: "image", contentType, width, height, pages: null, text: null },
    tokens: imageTokensOf(size),
    sha256: sha256Of(stripped),
    replacement: stripped.length === bytes.length ? null : stripped,
  };
}

function strip(bytes: Buffer, contentType: string): Buffer {
  try {
    return stripMetadata(bytes, contentType);
  } catch (error) {
    throw new RejectedFile("unreadable", error);
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
