import type { ByteStream } from "#app/_http/http-result.ts";

type File = {
  fileName: string;
  contentType: string;
  /** Null if it is not known before the end. */
  sizeBytes: number | null;
  /** Shown by the browser, in a sandbox, and kept by it for an hour; only for images. */
  isInline?: boolean;
};

/** The return value of a route handler that responds with a file, which the browser saves or shows. */
export class FileDownload {
  readonly bytes: ByteStream;
  readonly headers: Record<string, string>;

  /** @param next returns the next bytes, and null at the end */
  constructor(
    { fileName, contentType, sizeBytes, isInline = false }: File,
    next: () => Promise<Uint8Array | null>,
  ) {
    this.bytes = { first: null, next, cancel: async () => undefined };
    this.headers = {
      "content-type": contentType,
      "content-disposition": `${isInline ? "inline" : "attachment"}; ${fileNameFields(fileName)}`,
      ...(isInline
        ? { "cache-control": "private, max-age=3600", vary: "cookie", "content-security-policy": sandbox }
        : { "cache-control": "no-store" }),
      ...(sizeBytes !== null && { "content-length": String(sizeBytes) }),
    };
  }
}

/** A file that is opened by its address runs nothing and loads nothing. */
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/** RFC 6266: the name in UTF-8, and one of ASCII letters for old clients. */
function fileNameFields(fileName: string): string {
  const ascii = fileName.replace(/[^\w.-]+/g, "-");
  const isAscii = ascii === fileName;
  return `filename="${ascii}"${isAscii ? "" : `; filename*=UTF-8''${encodeURIComponent(fileName)}`}`;
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
