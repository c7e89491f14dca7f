export type Size = { width: number; height: number };

/** The longest and the shorter side that OpenAI reduces images to, the side of a tile, and of a patch. */
const maxSide = 2_048;
const shortSide = 768;
const tileSide = 512;
const patchSide = 32;
const maxPatches = 1_536;
const tokensPerTile = 170;
const baseTokens = 85;
/** The largest factor of OpenAI's general models; smaller models have larger factors and lower prices. */
const tokensPerPatch = 1.62;
/** The size of an image with `detail: "low"`. */
const lowDetail: Size = { width: tileSide, height: tileSide };
/** An image whose size is not known, because the upstream fetches it. */
const unknownSize: Size = { width: maxSide, height: maxSide };

/**
 * Estimates the prompt tokens of an image, by the larger of OpenAI's two rules (tiles and patches). The
 * charge uses the upstream's count.
 * @param url of the image; the size is read from a data URL
 */
export function countImageTokens(url: string, detail: string | null | undefined): number {
  const size = readImageSize(url) ?? unknownSize;
  return imageTokensOf(detail === "low" ? scaleInto(size, lowDetail) : size);
}

/** Estimates the prompt tokens of an image of a known size, in pixels. */
export function imageTokensOf(size: Size): number {
  return Math.max(tileTokens(size), patchTokens(size));
}

function scaleInto(size: Size, limit: Size): Size {
  const factor = Math.min(1, limit.width / size.width, limit.height / size.height);
  return { width: size.width * factor, height: size.height * factor };
}

function tileTokens(size: Size): number {
  const inside = scaleInto(size, { width: maxSide, height: maxSide });
  const factor = Math.min(1, shortSide / Math.min(inside.width, inside.height));
  const tiles =
    Math.ceil((inside.width * factor) / tileSide) * Math.ceil((inside.height * factor) / tileSide);
  return baseTokens + tiles * tokensPerTile;
}

function patchTokens({ width, height }: Size): number {
  const patches = Math.ceil(width / patchSide) * Math.ceil(height / patchSide);
  return Math.ceil(Math.min(maxPatches, patches) * tokensPerPatch);
}

/** The part of a data URL that contains the size; JPEG may have it behind a preview. */
const maxHeaderCharacters = 131_072;

/** Reads the size of a PNG, JPEG, GIF or WebP in a data URL; null for everything else. */
export function readImageSize(url: string): Size | null {
  const comma = url.indexOf(",");
  if (!/^data:image\/[\w.+-]+;base64$/i.test(url.slice(0, Math.min(comma, 100)))) return null;
  return readSizeOf(Buffer.from(url.slice(comma + 1, comma + 1 + maxHeaderCharacters), "base64"));
}

/** Reads the size of a PNG, JPEG, GIF or WebP from its first bytes; null for everything else. */
export function readSizeOf(bytes: Buffer): Size | null {
  const size = readPng(bytes) ?? readGif(bytes) ?? readWebp(bytes) ?? readJpeg(bytes);
  return size !== null && size.width > 0 && size.height > 0 ? size : null;
}

function readPng(bytes: Buffer): Size | null {
  if (bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function readGif(bytes: Buffer): Size | null {
  if (bytes.length < 10 || bytes.toString("latin1", 0, 3) !== "GIF") return null;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

function readWebp(bytes: Buffer): Size | null {
  if (bytes.length < 30 || bytes.toString("latin1", 8, 12) !== "WEBP") return null;
  const kind = bytes.toString("latin1", 12, 16);
  if (kind === "VP8X") return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  if (kind === "VP8 ")
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (kind !== "VP8L") return null;
  const bits = bytes.readUInt32LE(21);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** Follows the segments of a JPEG to its frame header. */
function readJpeg(bytes: Buffer): Size | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  return null;
}
