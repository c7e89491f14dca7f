import { createReadStream } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type Entry, open as openZip, type ZipFile } from "yauzl";
import { splitJson, UnreadableFile } from "#lib/chat/portability/import/split-json.ts";

/** Characters of one conversation. */
const maxConversationLength = 32_000_000;
/** Uncompressed bytes of all files that are read from an archive. */
const maxArchiveBytes = 1_000_000_000;
const maxEntries = 50_000;

/** Where conversations are in the archives of ChatGPT, Claude and Parley. */
const conversationPath = /(^|\/)conversations[^/]*\.json$|(^|\/)conversations\/[^/]+\.json$/;

/**
 * Reads the conversations of a file that another product or this one exported: JSON, or a ZIP archive with
 * JSON. At most one of them is in memory.
 * @throws UnreadableFile
 */
export async function* readImportFile(path: string): AsyncGenerator<unknown, void> {
  if (!(await isZip(path))) return yield* parseElements(createReadStream(path));
  for await (const stream of zipStreams(path)) yield* parseElements(stream);
}

async function isZip(path: string): Promise<boolean> {
  const file = await openFile(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.readUInt32BE(0) === 0x504b0304;
  } finally {
    await file.close();
  }
}

async function* parseElements(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  for await (const text of splitJson(decode(bytes), maxConversationLength)) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new UnreadableFile("malformed");
    }
    yield value;
  }
}

async function* decode(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The files of an archive that contain conversations, one after the other. */
async function* zipStreams(path: string): AsyncGenerator<AsyncIterable<Uint8Array>, void> {
  const zip = await openArchive(path);
  try {
    const entries = await listEntries(zip);
    const found = entries.filter(({ fileName }) => conversationPath.test(fileName));
    if (found.length === 0) throw new UnreadableFile("unsupported");
    if (found.some((entry) => entry.isEncrypted())) throw new UnreadableFile("encrypted");
    const total = found.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    if (total > maxArchiveBytes) throw new UnreadableFile("too_large");
    const open = promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip));
    // yauzl fails if an entry has more bytes than it declares, so the sum holds.
    for (const entry of found) yield withKnownErrors(await open(entry));
  } finally {
    zip.close();
  }
}

async function openArchive(path: string): Promise<ZipFile> {
  try {
    return await promisify<string, { lazyEntries: boolean; autoClose: boolean }, ZipFile>(openZip)(path, {
      lazyEntries: true,
      autoClose: false,
    });
  } catch {
    throw new UnreadableFile("malformed");
  }
}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  if (zip.entryCount > maxEntries) throw new UnreadableFile("too_large");
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on("entry", (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.once("end", () => resolve(entries));
    zip.once("error", () => reject(new UnreadableFile("malformed")));
    zip.readEntry();
  });
}

async function* withKnownErrors(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array, void> {
  try {
    // Without an encoding, a stream yields bytes.
    for await (const chunk of stream) yield chunk as Buffer;
  } catch {
    throw new UnreadableFile("malformed");
  }
}
