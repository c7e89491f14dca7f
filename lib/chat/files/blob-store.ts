import { and, eq, inArray } from "drizzle-orm";
import { db } from "#db/client.ts";
import { attachmentChunks } from "#db/schema/attachments.ts";

/** Where the bytes of files are. Each blob has the id of its attachment and is written once. */
export type BlobStore = {
  /** Writes or replaces a blob. @returns its size in bytes */
  write(id: string, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  /** Reads a blob in pieces; nothing if there is none. */
  read(id: string): AsyncGenerator<Uint8Array, void>;
  /** Deletes blobs; those that do not exist are ignored. */
  delete(ids: readonly string[]): Promise<void>;
};

/** Keeps blobs in the database, in rows of about 512 KiB, so that no transaction or large row is needed. */
const databaseStore: BlobStore = {
  async write(id, chunks) {
    await databaseStore.delete([id]);
    let seq = 0;
    let size = 0;
    for await (const bytes of chunks) {
      await db().insert(attachmentChunks).values({ attachmentId: id, seq, bytes });
      seq += 1;
      size += bytes.length;
    }
    return size;
  },
  async *read(id) {
    for (let seq = 0; ; seq += 1) {
      const [chunk] = await db()
        .select({ bytes: attachmentChunks.bytes })
        .from(attachmentChunks)
        .where(and(eq(attachmentChunks.attachmentId, id), eq(attachmentChunks.seq, seq)));
      if (chunk === undefined) return;
      yield chunk.bytes;
    }
  },
  async delete(ids) {
    if (ids.length > 0)
      await db()
        .delete(attachmentChunks)
        .where(inArray(attachmentChunks.attachmentId, [...ids]));
  },
};

/** Returns the store of this installation. */
export function blobStore(): BlobStore {
  return databaseStore;
}

/** Reads a whole blob into memory. @param size the size that was stored, in bytes */
export async function readBlob(id: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of blobStore().read(id)) {
    if (at + chunk.length > size) break;
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== size) throw new Error("The stored bytes of a file are incomplete.");
  return bytes;
}
