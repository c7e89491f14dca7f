import { promisify } from "node:util";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";

/** Reads all files of a ZIP archive, by their paths. */
export async function readZip(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await promisify<Buffer, { lazyEntries: boolean }, ZipFile>(fromBuffer)(bytes, {
    lazyEntries: true,
  });
  const open = promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip));
  const files = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", async (entry: Entry) => {
      try {
        const parts: Buffer[] = [];
        for await (const part of await open(entry)) parts.push(Buffer.from(part));
        files.set(entry.fileName, Buffer.concat(parts).toString());
        zip.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    zip.on("end", resolve);
    zip.on("error", reject);
    zip.readEntry();
  });
  return files;
}
