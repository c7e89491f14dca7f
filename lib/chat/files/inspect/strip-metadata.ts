/**
 * Returns an image without the metadata that names places, people and devices (EXIF, XMP, comments). The
 * pixels are not decoded. A GIF is returned as it is.
 * @throws RangeError if its structure is broken
 */
export function stripMetadata(bytes: Buffer, contentType: string): Buffer {
  if (contentType === "image/png") return stripPng(bytes);
  if (contentType === "image/jpeg") return stripJpeg(bytes);
  if (contentType === "image/webp") return stripWebp(bytes);
  return bytes;
}

const pngHeaderBytes = 8;
const droppedPngChunks = new Set(["tEXt", "zTXt", "iTXt", "eXIf", "tIME"]);

function stripPng(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, pngHeaderBytes)];
  for (let at = pngHeaderBytes; at < bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new RangeError("A chunk of the PNG is cut off.");
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (!droppedPngChunks.has(type)) kept.push(bytes.subarray(at, end));
    // Whatever follows the end is not part of the image.
    if (type === "IEND") return Buffer.concat(kept);
    at = end;
  }
  throw new RangeError("The PNG has no end.");
}

const startOfScan = 0xda;

/** Drops comments and application segments, except for JFIF, color profiles and Adobe's color transform. */
function isDroppedSegment(marker: number): boolean {
  return marker === 0xfe || (marker >= 0xe1 && marker <= 0xef && marker !== 0xe2 && marker !== 0xee);
}

function stripJpeg(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 2)];
  for (let at = 2; ; ) {
    if (bytes.readUInt8(at) !== 0xff) throw new RangeError("A segment of the JPEG is broken.");
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === startOfScan) return Buffer.concat([...kept, bytes.subarray(at)]);
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) throw new RangeError("A segment of the JPEG is cut off.");
    if (!isDroppedSegment(marker)) kept.push(bytes.subarray(at, end));
    at = end;
  }
}

const webpHeaderBytes = 12;
/** The bits of VP8X that announce XMP and EXIF. */
const webpMetadataBits = 0x0c;

function stripWebp(bytes: Buffer): Buffer {
  const kept: Buffer[] = [bytes.subarray(0, webpHeaderBytes)];
  for (let at = webpHeaderBytes; at + 8 <= bytes.length; ) {
    const type = bytes.toString("latin1", at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (at + 8 + length > bytes.length) throw new RangeError("A chunk of the WebP is cut off.");
    if (type === "VP8X") {
      const chunk = Buffer.from(bytes.subarray(at, end));
      chunk.writeUInt8(chunk.readUInt8(8) & ~webpMetadataBits, 8);
      kept.push(chunk);
    } else if (type !== "EXIF" && type !== "XMP ") kept.push(bytes.subarray(at, end));
    at = end;
  }
  const stripped = Buffer.concat(kept);
  stripped.writeUInt32LE(stripped.length - 8, 4);
  return stripped;
}
