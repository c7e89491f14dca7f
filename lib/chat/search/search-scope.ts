import type { QueryTerm } from "#lib/chat/search/search-terms.ts";

/** The quarter in which scopes begin; older messages belong to it. */
const firstYear = 2020;
const maxQuarter = 36 ** 2 - 1;

/** The quarters since 2020 of a time, which part a user's index by time. */
export function quarterOf(at: Date): number {
  const quarter = (at.getUTCFullYear() - firstYear) * 4 + Math.floor(at.getUTCMonth() / 3);
  return Math.min(maxQuarter, Math.max(0, quarter));
}

/**
 * What the terms of a user's messages of a quarter begin with. Six digits of the user's id suffice: another
 * user with the same ones costs time, and the owner is compared.
 */
export function messageScope(userId: string, quarter: number): string {
  return userPart(userId) + quarter.toString(36).padStart(2, "0");
}

/** What the terms of a user's titles begin with. */
export function titleScope(userId: string): string {
  return userPart(userId);
}

function userPart(userId: string): string {
  return userId.slice(-6);
}

/** The tsquery that finds all terms in one of the scopes. Terms contain letters, digits and emoji only. */
export function toTsquery(scopes: string[], terms: QueryTerm[]): string {
  const inScope = (scope: string) =>
    terms.map(({ term, isPrefix }) => `'${scope}${term}'${isPrefix ? ":*" : ""}`).join("&");
  return scopes.map((scope) => `(${inScope(scope)})`).join("|");
}
