import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { ZipFile } from "yazl";
import type { ExportFile } from "#lib/jobs/data-export/export-file.ts";

/** The size of a row of the archive; also the most bytes that wait to be written. */
const chunkBytes = 512 * 1_024;

type WriteChunk = (seq: number, bytes: Uint8Array) => Promise<void>;

/**
 * Creates a ZIP archive, one file after the other. Compression runs in Node.js' thread pool, and a file is
 * read only as fast as `writeChunk` takes the bytes, so that memory does not grow with the archive.
 */
export function createArchive(writeChunk: WriteChunk, modifiedAt: Date) {
  const zip = new ZipFile();
  // A source that fails rejects `add`; without a listener, yazl's event would end the process.
  zip.on("error", () => undefined);
  // yazl declares the type of its stream as any readable stream; it is Node's.
  const output = zip.outputStream as Readable;
  const written = writeChunks(output, writeChunk);
  // A failure is reported to the caller that waits next, or by `finish`.
  written.catch(() => undefined);
  const failure = written.then(() => new Promise<never>(() => undefined));
  return {
    /** Adds a file, and resolves when it was read to its end. */
    async add({ path, content }: ExportFile): Promise<void> {
      const source = Readable.from(encode(content), { objectMode: false });
      zip.addReadStream(source, path, { mtime: modifiedAt });
      try {
        await Promise.race([finished(source, { writable: false }), failure]);
      } catch (error) {
        source.destroy();
        output.destroy();
        throw error;
      }
    },
    /** Completes the archive. @returns its size in bytes */
    async finish(): Promise<number> {
      zip.end();
      return written;
    },
    /** Ends the streams of an archive that is given up. */
    abort(): void {
      output.destroy();
    },
  };
}

async function* encode(content: ExportFile["content"]): AsyncGenerator<Uint8Array, void> {
  for await (const piece of content)
    if (piece.length > 0) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

async function writeChunks(output: Readable, writeChunk: WriteChunk): Promise<number> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let seq = 0;
  let size = 0;
  const flush = async () => {
    const bytes = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    await writeChunk(seq, bytes);
    seq += 1;
  };
  for await (const piece of output) {
    waiting.push(piece);
    waitingBytes += piece.length;
    size += piece.length;
    if (waitingBytes >= chunkBytes) await flush();
  }
  if (waitingBytes > 0) await flush();
  return size;
}
