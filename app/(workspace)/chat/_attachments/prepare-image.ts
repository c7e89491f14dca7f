import { fitSize } from "#app/(workspace)/chat/_attachments/fit-size.ts";
import { sentImageSide } from "#lib/chat/files/attachment-limits.ts";

/** Formats that are drawn again; a GIF would lose its movement. */
const redrawnTypes = new Set(["image/png", "image/jpeg", "image/webp"]);
const jpegQuality = 0.9;

/**
 * Draws an image again in the size that models see: upright, without EXIF. Returns everything else, and what
 * the browser cannot draw, as it is; the server checks it.
 */
export async function prepareImage(file: File): Promise<Blob> {
  if (!redrawnTypes.has(file.type)) return file;
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (bitmap === null) return file;
  const { width, height } = fitSize(bitmap, sentImageSide);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const drawn = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, file.type, jpegQuality));
  return drawn ?? file;
}
