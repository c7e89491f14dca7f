import mammoth from "mammoth";
import readExcel from "read-excel-file/node";
import { fromBufferPromise, type ZipFile } from "yauzl";
import { maxTextLength } from "#lib/chat/files/attachment-limits.ts";
import { RejectedFile } from "#lib/chat/files/inspect/inspection.ts";

const maxEntries = 5_000;
/** The most bytes that all parts of a document may have together, unpacked. */
const maxUnpackedBytes = 150 * 1_048_576;

const contentTypes = {
  word: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  excel: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
} as const;

/**
 * Extracts the text of a Word document or an Excel workbook.
 * @throws RejectedFile encrypted, unreadable, unsupported (another archive), tooLong, withoutText
 */
export async function readOffice(bytes: Buffer) {
  const kind = await officeKindOf(bytes);
  const text = await (kind === "word" ? readWord(bytes) : readWorkbook(bytes)).catch((error) => {
    throw error instanceof RejectedFile ? error : new RejectedFile("unreadable", error);
  });
  if (text.trim() === "") throw new RejectedFile("withoutText");
  return { kind, contentType: contentTypes[kind], text };
}

/** Says whether an old Office file is a new one with a password; old formats are not read. */
export function isEncryptedOffice(bytes: Buffer): boolean {
  return bytes.includes(Buffer.from("EncryptedPackage", "utf16le"));
}

/**
 * Tells Word from Excel by the parts of the archive, and unpacks every part once: the sizes that an archive
 * declares are not believed.
 */
async function officeKindOf(bytes: Buffer): Promise<"word" | "excel"> {
  const names = new Set<string>();
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    let unpackedBytes = 0;
    for await (const entry of zip.eachEntry()) {
      names.add(entry.fileName);
      if (entry.isEncrypted()) throw new RejectedFile("encrypted");
      unpackedBytes += await unpackedSizeOf(zip, entry, maxUnpackedBytes - unpackedBytes);
      if (names.size > maxEntries) throw new RejectedFile("tooLong");
    }
  } catch (error) {
    throw error instanceof RejectedFile ? error : new RejectedFile("unreadable", error);
  }
  if (names.has("word/document.xml")) return "word";
  if (names.has("xl/workbook.xml")) return "excel";
  throw new RejectedFile("unsupported");
}

type Entry = Parameters<ZipFile["openReadStreamPromise"]>[0];

async function unpackedSizeOf(zip: ZipFile, entry: Entry, limit: number): Promise<number> {
  if (entry.uncompressedSize > limit) throw new RejectedFile("tooLong");
  let size = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    size += chunk.length;
    if (size > limit) throw new RejectedFile("tooLong");
  }
  return size;
}

async function readWord(bytes: Buffer): Promise<string> {
  const { value } = await mammoth.extractRawText({ buffer: bytes });
  return value.trim();
}

/** Writes each sheet as its name and its rows, with tabs between the cells. */
async function readWorkbook(bytes: Buffer): Promise<string> {
  const texts: string[] = [];
  let length = 0;
  for (const { sheet, data } of await readExcel(bytes)) {
    const rows = data.map((row) => row.map(toCellText).join("\t").trimEnd());
    if (rows.every((row) => row === "")) continue;
    const text = `# ${sheet}\n${rows.join("\n")}`;
    length += text.length;
    if (length > maxTextLength) throw new RejectedFile("tooLong");
    texts.push(text);
  }
  return texts.join("\n\n");
}

function toCellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return cell instanceof Date ? cell.toISOString() : String(cell).replace(/[\t\n]+/g, " ");
}
