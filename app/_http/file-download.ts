import type { ByteStream } from "#app/_http/http-result.ts";

type File = {
  /** ASCII, without quotes. */
  fileName: string;
  contentType: string;
  /** Null if it is not known before the end. */
  sizeBytes: number | null;
};

/** The return value of a route handler that responds with a file, which the browser saves. */
export class FileDownload {
  readonly bytes: ByteStream;
  readonly headers: Record<string, string>;

  /** @param next returns the next bytes, and null at the end */
  constructor({ fileName, contentType, sizeBytes }: File, next: () => Promise<Uint8Array | null>) {
    this.bytes = { first: null, next, cancel: async () => undefined };
    this.headers = {
      "content-type": contentType,
      "content-disposition": `attachment; filename="${fileName}"`,
      "cache-control": "no-store",
      ...(sizeBytes !== null && { "content-length": String(sizeBytes) }),
    };
  }
}
