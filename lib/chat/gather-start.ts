import type { Claims } from "#lib/accounts/sessions.ts";
import { type SubscriptionState, subscriptionJson } from "#lib/billing/read.ts";
import { company, perRuntime } from "#lib/chat/per-runtime.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { groupCommit } from "#lib/ground/group-commit.ts";

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
};

type Asked = { claims: Claims; input: StartGeneration; contextTokens: number; at: Date };

/**
 * The first of the two round trips: one statement, whatever the length of the conversation, and one for all who ask at the
 * same time.
 * @param contextTokens older messages than these are not read
 */
export function gatherStart(
  runtime: ChatRuntime,
  claims: Claims,
  input: StartGeneration,
  contextTokens: number,
  at: Date,
): Promise<Gathered> {
  return gathering(runtime)({ claims, input, contextTokens, at });
}

const gathering = perRuntime((runtime) =>
  groupCommit((asked: Asked[]) => gatherTogether(runtime, asked), company.starting),
);

async function gatherTogether(runtime: ChatRuntime, asked: Asked[]): Promise<Gathered[]> {
  const sql = runtime.sql();
  const questions = asked.map(({ claims, input, contextTokens, at }) => ({
    sessionId: claims.sessionId,
    userId: claims.userId,
    parentId: input.parentId,
    conversationId: input.conversationId,
    generationId: input.generationId,
    contextTokens,
    at: at.toISOString(),
  }));
  const rows = await sql<Row[]>`
    select who.user_id as "userId", who.workspace_id as "workspaceId", who.created_at as "workspaceCreatedAt",
      ${sql.unsafe(subscriptionJson("who.workspace_id"))} as subscription,
      credit.available_micros::float8 as "availableMicros",
      exists (
        select 1 from grants g
        where g.workspace_id = who.workspace_id and g.source_key like 'free:%'
          and g.starts_at <= q.at and g.expires_at > q.at
      ) as "freeGrantGiven",
      (
        select json_build_object('usable', c.user_id = who.user_id and c.deleted_at is null,
          'untitled', c.title_source = 'draft')
        from conversations c where c.id = q."conversationId"
      ) as conversation,
      branch.messages as branch,
      (
        select json_build_object('userId', g.user_id) from generations g where g.id = q."generationId"
      ) as existing
    from rows from (
      jsonb_to_recordset(${JSON.stringify(questions)}::text::jsonb) as ("sessionId" uuid, "userId" uuid, "parentId" uuid,
        "conversationId" uuid, "generationId" uuid, "contextTokens" integer, at timestamptz)
    ) with ordinality as q ("sessionId", "userId", "parentId", "conversationId", "generationId", "contextTokens", at, nr)
    left join lateral (
      select u.id as user_id, w.id as workspace_id, w.created_at
      from sessions s
      join users u on u.id = s.user_id
      join workspaces w on w.personal_user_id = u.id
      where s.id = q."sessionId" and s.user_id = q."userId" and s.revoked_at is null and s.expires_at > q.at
      -- Looked up by key for each who asks, however few rows the planner believes there are.
      offset 0
    ) who on true
    left join lateral credit_of(who.workspace_id, q.at) credit on true
    cross join lateral (
      with recursive branch as (
        select m.id, m.parent_id, m.role, m.status, m.content, m.tokens, 1 as depth, m.tokens as total
        from messages m
        where m.id = q."parentId" and m.conversation_id = q."conversationId"
        union all
        select m.id, m.parent_id, m.role, m.status, m.content, m.tokens, b.depth + 1, b.total + m.tokens
        from branch b join messages m on m.id = b.parent_id
        where b.total < q."contextTokens" and b.depth < 5000
      )
      select coalesce(json_agg(json_build_object('id', b.id, 'parentId', b.parent_id, 'role', b.role, 'status', b.status,
        'content', b.content, 'tokens', b.tokens) order by b.depth desc), '[]') as messages
      from branch b
    ) branch
    order by q.nr`;
  return rows.map(gatheredOf);
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
