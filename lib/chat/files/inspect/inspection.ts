import type { AttachmentKind } from "#lib/chat/files/attachment-limits.ts";

/** Why a file is not accepted. */
export type FileProblem =
  | "empty"
  | "encrypted"
  | "unreadable"
  | "unsupported"
  | "imageTooLarge"
  | "tooLong"
  | "withoutText";

/** Thrown by the readers of files. */
export class RejectedFile extends Error {
  override readonly name = "RejectedFile";
  readonly problem: FileProblem;

  constructor(problem: FileProblem, cause?: unknown) {
    super(problem, { cause });
    this.problem = problem;
  }
}

/** What a file is and contains. */
export type Inspection = {
  kind: AttachmentKind;
  contentType: string;
  width: number | null;
  height: number | null;
  pages: number | null;
  /** The text that models get; null for an image. */
  text: string | null;
  tokens: number;
  sha256: string;
  /** The bytes to store in place of the uploaded ones, without metadata; null to keep them. */
  replacement: Uint8Array | null;
};
