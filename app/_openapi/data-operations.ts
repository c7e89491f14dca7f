import { z } from "zod";
import type { Operations } from "#app/_openapi/document.ts";
import * as dataExport from "#app/api/account/exports/[id]/route.ts";
import * as attachment from "#app/api/chat/attachments/[id]/route.ts";
import * as attachments from "#app/api/chat/attachments/route.ts";
import * as conversationExport from "#app/api/conversations/[id]/export/route.ts";
import * as importConversations from "#app/api/conversations/imports/route.ts";
import { attachmentInfoSchema, storedContentTypes } from "#lib/chat/files/attachment-info.ts";
import { conversationDocumentSchema } from "#lib/chat/portability/conversation-format.ts";

const chatImportSchema = z.object({
  id: z.uuid(),
  status: z.enum(["uploading", "waiting", "running", "done", "failed"]),
  fileName: z.string(),
  added: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  skipped: z.int(),
  problem: z.enum(["malformed", "too_large", "unsupported", "encrypted", "internal"]).nullable(),
});

const binary = z.string().meta({ format: "binary" });
const fileContent = Object.fromEntries(storedContentTypes.map((type) => [type, binary]));

/** The documentation of the routes that export and import a user's data. */
export const dataOperations: Operations = {
  "/api/account/exports/[id]": {
    GET: {
      id: "downloadDataExport",
      tag: "Account",
      summary: "Download the archive of your data",
      description:
        "For its owner: with the token of the emailed link, or within ten minutes after a proof of identity.",
      handler: dataExport.GET,
      responses: {
        200: {
          description: "A ZIP archive.",
          content: { "application/zip": z.string().meta({ format: "binary" }) },
          headers: ["content-disposition"],
        },
      },
      errors: ["step_up_required"],
    },
  },
  "/api/conversations/imports": {
    POST: {
      id: "importConversations",
      tag: "Chat",
      summary: "Import chats from a file",
      description:
        "The body is a JSON or ZIP file of Parley, ChatGPT, Claude, LibreChat or Open WebUI. The client chooses the id, so a repeated request starts one import. A job reads the file.",
      handler: importConversations.POST,
      responses: { 200: { description: "The import.", content: { "application/json": chatImportSchema } } },
      errors: ["conflict", "payload_too_large"],
    },
  },
  "/api/chat/attachments": {
    POST: {
      id: "uploadAttachment",
      tag: "Chat",
      summary: "Upload a file for a message",
      description:
        "The body is the file: an image (PNG, JPEG, WebP, GIF), a PDF with text, a Word document, an Excel workbook, or text. Its content decides about its type. The client chooses the id, so a repeated request uploads one file. A file that is not sent with a message is deleted after a day.",
      handler: attachments.POST,
      responses: { 200: { description: "The file.", content: { "application/json": attachmentInfoSchema } } },
      errors: ["bad_request", "conflict", "payload_too_large", "unsupported_media_type", "too_many_requests"],
    },
  },
  "/api/chat/attachments/[id]": {
    GET: {
      id: "downloadAttachment",
      tag: "Chat",
      summary: "Download one of your files",
      handler: attachment.GET,
      responses: {
        200: {
          description: "The file.",
          content: fileContent,
          headers: ["content-disposition", "content-security-policy", "vary"],
        },
      },
      errors: ["not_found"],
    },
    DELETE: {
      id: "removeAttachment",
      tag: "Chat",
      summary: "Delete a file that was not sent",
      handler: attachment.DELETE,
      responses: { 204: { description: "The file does not exist anymore." } },
      errors: ["conflict"],
    },
  },
  "/api/conversations/[id]/export": {
    GET: {
      id: "exportConversation",
      tag: "Chat",
      summary: "Download one of your chats",
      description: "The branch that is shown as Markdown, or the complete tree in Parley's format.",
      handler: conversationExport.GET,
      responses: {
        200: {
          description: "The file.",
          content: { "text/markdown": z.string(), "application/json": conversationDocumentSchema },
          headers: ["content-disposition"],
        },
      },
      errors: ["not_found"],
    },
  },
};
