"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { db } from "#db/client.ts";
import {
  type ConversationReceipt,
  type ModelSums,
  type ReceiptScope,
  readConversationReceipt,
} from "#lib/chat/conversations/conversation-receipt.ts";
import { findModel } from "#lib/usage/price-list.ts";

const named = <T extends ModelSums>(sums: T) => ({
  ...sums,
  label: findModel(sums.model)?.label ?? sums.model,
});

function toNamedScope(scope: ReceiptScope) {
  return { ...scope, models: scope.models.map(named) };
}

function toNamedReceipt({ title, whole, branch, sideCalls }: ConversationReceipt) {
  return {
    title,
    whole: toNamedScope(whole),
    branch: toNamedScope(branch),
    sideCalls: sideCalls.map(named),
  };
}

/** A receipt with the names of its models. */
export type NamedReceipt = ReturnType<typeof toNamedReceipt>;

/** Reads what a conversation cost so far. */
export const readReceiptAction = action(z.object({ id: z.uuid() }), async ({ id }, identity) =>
  toNamedReceipt(await readConversationReceipt(db(), identity.workspaceId, identity.userId, id)),
);
