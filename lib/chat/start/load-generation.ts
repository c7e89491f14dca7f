import type { SessionClaims } from "#lib/accounts/sessions.ts";
import type { FreeCreditTerms } from "#lib/billing/entitlements/entitlements.ts";
import type { SubscriptionRow } from "#lib/billing/entitlements/subscription-state.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { batching, perRuntime } from "#lib/chat/generation/per-runtime.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartRequest } from "#lib/chat/start/start-request.ts";
import { groupCommit } from "#lib/core/group-commit.ts";

export type LoadedMessage = {
  id: string;
  role: "user" | "assistant";
  status: string;
  content: string;
  /** With those of its files. */
  tokens: number;
  attachments?: AttachmentInfo[] | null;
  /** The model's thinking and its tokens; null unless the model needs it in the prompt. */
  reasoning: string | null;
  reasoningTokens: number | null;
};

/** The branch that ends with the parent of the new message, oldest first. */
export type Branch = {
  messages: LoadedMessage[];
  /**
   * True when older messages exist that were not loaded, because they cannot fit into the model's context.
   */
  hasMore: boolean;
};

/** The facts that decide whether a generation may start. */
export type LoadedGeneration = {
  /** Null when the session was revoked or has expired. */
  identity: ({ userId: string; workspaceId: string } & FreeCreditTerms) | null;
  /** All subscriptions of the workspace. */
  subscriptions: SubscriptionRow[];
  /** Null for a new conversation; not usable when it was deleted or belongs to another user. */
  conversation: { usable: boolean; untitled: boolean } | null;
  branch: Branch;
  /** Those of the requested files that the user has. */
  attachments?: AttachmentInfo[];
  /** The generation with the same id, if the request was sent before. */
  existing: { userId: string } | null;
};

/** A result of the SQL function `load_generation_starts`. */
type Row = {
  userId: string | null;
  workspaceId: string | null;
  workspaceCreatedAt: string | null;
  emailConfirmed: boolean | null;
  freeCreditFrom: string | null;
  subscriptions: SubscriptionRow[] | null;
  conversation: { usable: boolean; untitled: boolean } | null;
  branch: (LoadedMessage & { parentId: string | null })[] | null;
  attachments: AttachmentInfo[] | null;
  existing: { userId: string } | null;
};

type LoadRequest = { claims: SessionClaims; request: StartRequest; at: Date };

/**
 * Loads the facts that decide whether a generation may start, without a lock. Concurrent calls share one
 * statement, whose cost does not depend on the length of the conversation.
 */
export function loadGeneration(
  runtime: ChatRuntime,
  claims: SessionClaims,
  request: StartRequest,
  at: Date,
): Promise<LoadedGeneration> {
  return loader(runtime)({ claims, request, at });
}

const loader = perRuntime((runtime) =>
  groupCommit((requests: LoadRequest[]) => loadBatch(runtime, requests), batching.start),
);

async function loadBatch(runtime: ChatRuntime, requests: LoadRequest[]): Promise<LoadedGeneration[]> {
  const payloads = requests.map(toPayload);
  const [row] = await runtime.sql()<{ loaded: Row[] }[]>`
    select load_generation_starts(${JSON.stringify(payloads)}::text::jsonb) as loaded`;
  return row?.loaded.map(toLoadedGeneration) ?? [];
}

function toPayload({ claims, request: { input, model, attachmentIds }, at }: LoadRequest) {
  return {
    sessionId: claims.sessionId,
    userId: claims.userId,
    conversationId: input.conversationId,
    generationId: input.generationId,
    parentId: input.parentId,
    /** Limits how much of the branch is read. */
    contextTokens: model?.contextWindow ?? 0,
    withReasoning: model !== undefined && model.accepts.returnReasoningAs !== null,
    attachmentIds: attachmentIds.length === 0 ? null : attachmentIds,
    at: at.toISOString(),
  };
}

function toTerms(workspaceCreatedAt: string, { emailConfirmed, freeCreditFrom }: Row): FreeCreditTerms {
  return {
    workspaceCreatedAt: new Date(workspaceCreatedAt),
    emailConfirmed: emailConfirmed === true,
    freeCreditFrom: freeCreditFrom === null ? null : new Date(freeCreditFrom),
  };
}

function toLoadedGeneration(row: Row): LoadedGeneration {
  const { userId, workspaceId, workspaceCreatedAt } = row;
  const signedIn = userId !== null && workspaceId !== null && workspaceCreatedAt !== null;
  const messages = row.branch ?? [];
  return {
    identity: signedIn ? { userId, workspaceId, ...toTerms(workspaceCreatedAt, row) } : null,
    subscriptions: row.subscriptions ?? [],
    conversation: row.conversation,
    branch: { messages, hasMore: messages[0] !== undefined && messages[0].parentId !== null },
    attachments: row.attachments ?? [],
    existing: row.existing,
  };
}
