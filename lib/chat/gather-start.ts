import type { Claims } from "#lib/accounts/sessions.ts";
import { noPlans, type SubscriptionState } from "#lib/billing/read.ts";
import {
  type Beginning,
  explainRefusal,
  outcomeOf,
  type StartOutcome,
  wishOf,
} from "#lib/chat/apply-start.ts";
import { type Foreseen, plainBounds } from "#lib/chat/foresee-start.ts";
import { company, perRuntime } from "#lib/chat/per-runtime.ts";
import { draftTitleOf } from "#lib/chat/prompt.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import { alone, groupCommit } from "#lib/core/group-commit.ts";

export type GatheredMessage = {
  id: string;
  role: "user" | "assistant";
  status: string;
  content: string;
  tokens: number;
};

/** The branch that leads to the question, oldest first. */
export type Branch = {
  messages: GatheredMessage[];
  /** True when still older messages were not even read, because they cannot fit. */
  hasMore: boolean;
};

/** Everything that decides about a request to answer, as it is at one moment. */
export type Gathered = {
  /** Null when the session was revoked or has expired. */
  identity: { userId: string; workspaceId: string; workspaceCreatedAt: Date } | null;
  subscription: SubscriptionState | null;
  availableMicros: number;
  /** Whether this month's free credit was given (M9). */
  freeGrantGiven: boolean;
  /** Null for a conversation that begins now; unusable when it is somebody else's or deleted. */
  conversation: { usable: boolean; untitled: boolean } | null;
  branch: Branch;
  /** A generation with the same id: the request was sent before. */
  existing: { userId: string } | null;
};

type Row = {
  userId: string | null;
  workspaceId: string | null;
  workspaceCreatedAt: string | null;
  subscription: SubscriptionState | null;
  availableMicros: number;
  freeGrantGiven: boolean;
  conversation: { usable: boolean; untitled: boolean } | null;
  branch: (GatheredMessage & { parentId: string | null })[];
  existing: { userId: string } | null;
  outcome: unknown;
};

type Asked = { claims: Claims; foreseen: Foreseen; beginning: Beginning };
/** What was gathered, and what came of starting: null where something is not plain, so that it is to be decided first. */
type Found = { gathered: Gathered; outcome: StartOutcome | null };

/**
 * Looks up everything that decides about a request to answer, and starts the answer where all of it is plain (see `Plain`): one
 * statement, whatever the length of the conversation, and one for all who ask at the same time.
 * @throws AppError not_found, conflict: something was deleted, or an id taken, at this very moment; nothing is written then
 */
export function gatherStart(
  runtime: ChatRuntime,
  claims: Claims,
  foreseen: Foreseen,
  beginning: Beginning,
): Promise<Found> {
  return gathering(runtime)({ claims, foreseen, beginning }).catch(explainRefusal);
}

const gathering = perRuntime((runtime) =>
  groupCommit((asked: Asked[]) => gatherTogether(runtime, asked), {
    ...company.starting,
    // Whoever is signed in works in the workspace of their own, and of one workspace one starts at a time.
    keyOf: ({ claims }) => claims.userId,
  }),
);

async function gatherTogether(runtime: ChatRuntime, asked: Asked[]): Promise<(Found | typeof alone)[]> {
  const sql = runtime.sql();
  const questions = asked.map((one) => questionOf(runtime, one));
  const [row] = await sql<{ told: Row[] }[]>`
    select begin_answers(${JSON.stringify(questions)}::text::jsonb, ${sql.unsafe(noPlans)}) as told`;
  return row?.told.map(foundOf) ?? [];
}

function questionOf(runtime: ChatRuntime, { claims, foreseen, beginning }: Asked) {
  const { input, model, message } = foreseen;
  return {
    sessionId: claims.sessionId,
    userId: claims.userId,
    parentId: input.parentId,
    conversationId: input.conversationId,
    generationId: input.generationId,
    // Older messages than these are not read.
    contextTokens: model?.contextWindow ?? 0,
    at: beginning.at.toISOString(),
    plain: plainBounds(foreseen),
    wish: message && {
      ...wishOf(runtime, foreseen, beginning),
      title: draftTitleOf(message.text),
      message,
      answerParentId: message.id,
    },
  };
}

function foundOf(row: Row): Found | typeof alone {
  const outcome = row.outcome === null ? null : outcomeOf(row.outcome);
  return outcome === alone ? alone : { gathered: gatheredOf(row), outcome };
}

function gatheredOf(row: Row): Gathered {
  const { userId, workspaceId, workspaceCreatedAt } = row;
  const known = userId !== null && workspaceId !== null && workspaceCreatedAt !== null;
  return {
    identity: known ? { userId, workspaceId, workspaceCreatedAt: new Date(workspaceCreatedAt) } : null,
    subscription: row.subscription,
    availableMicros: row.availableMicros,
    freeGrantGiven: row.freeGrantGiven,
    conversation: row.conversation,
    branch: { messages: row.branch, hasMore: row.branch[0] !== undefined && row.branch[0].parentId !== null },
    existing: row.existing,
  };
}
