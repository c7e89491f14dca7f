import type { ByteStream } from "#app/_http/http-result.ts";

type File = {
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
      "content-disposition": attachment(fileName),
      "cache-control": "no-store",
      ...(sizeBytes !== null && { "content-length": String(sizeBytes) }),
    };
  }
}

/** RFC 6266: the name in UTF-8, and one of ASCII letters for old clients. */
function attachment(fileName: string): string {
  const ascii = fileName.replace(/[^\w.-]+/g, "-");
  const isAscii = ascii === fileName;
  return `attachment; filename="${ascii}"${isAscii ? "" : `; filename*=UTF-8''${encodeURIComponent(fileName)}`}`;
}

/** Returns the next bytes of a text that is written in pieces, for a `FileDownload`. */
export function fromText(text: AsyncIterable<string>): () => Promise<Uint8Array | null> {
  const encoder = new TextEncoder();
  const pieces = text[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await pieces.next();
    return done === true ? null : encoder.encode(value);
  };
}
