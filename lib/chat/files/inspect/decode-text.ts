/**
 * Decodes a text file: UTF-8, or UTF-16 with or without a byte order mark.
 * @returns null if it is not text
 */
export function decodeText(bytes: Uint8Array): string | null {
  const encoding = encodingOf(bytes);
  if (encoding === null) return null;
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text.replaceAll("\r\n", "\n");
  } catch {
    return decodeLatin(bytes);
  }
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** How many bytes are looked at to tell encodings apart. */
const sampleBytes = 4_096;

function encodingOf(bytes: Uint8Array): Encoding | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const sample = bytes.subarray(0, sampleBytes);
  const zeros = [0, 0];
  for (const [index, byte] of sample.entries())
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (even + odd === 0) return "utf-8";
  // Latin letters in UTF-16 have a zero in every pair, always at the same place.
  const isUtf16 = bytes.length % 2 === 0 && Math.max(even, odd) > sample.length * 0.3;
  if (!isUtf16 || Math.min(even, odd) > 0) return null;
  return odd > 0 ? "utf-16le" : "utf-16be";
}

/** Decodes older files of Western Europe (Windows-1252), as Excel writes CSV; null if it is not text. */
function decodeLatin(bytes: Uint8Array): string | null {
  const isText = !bytes.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b));
  const high = bytes.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  if (!isText || high > bytes.length * 0.2) return null;
  return new TextDecoder("windows-1252").decode(bytes).replaceAll("\r\n", "\n");
}
