import type { Tx } from "#db/client.ts";
import { conversations, generations, messages } from "#db/schema/chat.ts";
import type { PastConversation } from "#sandbox/seed/past-calls.ts";
import type { SeedAccount } from "#sandbox/seed/replay-call.ts";

type Charge = { holdId: string; chargedMicros: number };

/**
 * Writes a conversation with the rows that the chat would have written: one branch, and a charge for each
 * answer.
 */
export async function writeConversation(
  tx: Tx,
  account: SeedAccount,
  conversation: PastConversation,
  charges: Map<string, Charge>,
): Promise<void> {
  const { workspaceId, userId } = account;
  const turns = conversation.turns.filter((turn) => charges.has(turn.call.id));
  const [first, last] = [turns[0], turns.at(-1)];
  if (first === undefined || last === undefined) return;
  await tx.insert(conversations).values({
    id: conversation.id,
    workspaceId,
    userId,
    title: conversation.sample.title,
    titleSource: "generated",
    model: first.call.model.id,
    activeLeafId: last.answerId,
    createdAt: first.askedAt,
    updatedAt: last.call.at,
  });
  await tx
    .insert(messages)
    .values(turns.flatMap((turn, index) => messagesOf(conversation, workspaceId, turn, index)));
  await tx.insert(generations).values(
    turns.map(({ call, answerId, askedAt }) => {
      const { holdId, chargedMicros } = charges.get(call.id) ?? { holdId: null, chargedMicros: 0 };
      return {
        id: call.id,
        workspaceId,
        userId,
        conversationId: conversation.id,
        messageId: answerId,
        holdId,
        model: call.model.id,
        status: "done" as const,
        instanceId: "seed",
        heartbeatAt: call.at,
        promptTokens: call.promptTokens,
        completionTokens: call.completionTokens,
        chargedMicros,
        firstTokenMs: call.firstTokenMs,
        startedAt: askedAt,
        endedAt: call.at,
      };
    }),
  );
}

function messagesOf(
  { id: conversationId, sample, turns }: PastConversation,
  workspaceId: string,
  { questionId, answerId, askedAt, call }: PastConversation["turns"][number],
  index: number,
) {
  const { question, answer } = sample.turns[index] ?? { question: "", answer: "" };
  const shared = { workspaceId, conversationId, status: "done" as const };
  return [
    {
      ...shared,
      id: questionId,
      parentId: turns[index - 1]?.answerId ?? null,
      role: "user" as const,
      parts: [{ type: "text" as const, text: question }],
      content: question,
      tokens: Math.ceil(question.length / 4),
      createdAt: askedAt,
    },
    {
      ...shared,
      id: answerId,
      parentId: questionId,
      role: "assistant" as const,
      parts: [{ type: "text" as const, text: answer }],
      content: answer,
      tokens: call.completionTokens,
      model: call.model.id,
      createdAt: new Date(askedAt.getTime() + 1),
    },
  ];
}
