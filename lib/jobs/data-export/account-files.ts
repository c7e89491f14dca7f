import { asc, eq, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { apiKeys, members, oauthAccounts, sessions, users, workspaces } from "#db/schema/accounts.ts";
import { chatPreferences } from "#db/schema/chat-preferences.ts";
import { knownDevices, passkeys, totpFactors } from "#db/schema/sign-in.ts";
import { deviceName } from "#lib/accounts/devices/devices.ts";
import {
  csvFile,
  type ExportFile,
  jsonFile,
  jsonListFile,
  pageSize,
  readPages,
} from "#lib/jobs/data-export/export-file.ts";

export type ExportOwner = {
  userId: string;
  workspaceId: string;
  email: string;
  /** Whether the workspace's keys, ledger and invoices are the user's too. */
  isAdmin: boolean;
};

/** The user, the workspace, and how they sign in; no secrets and no hashes. */
export async function profileFile(tx: Tx, { userId, workspaceId }: ExportOwner): Promise<ExportFile> {
  const [user] = await tx
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`,
      emailVerifiedAt: users.emailVerifiedAt,
      role: users.role,
      locale: users.locale,
      browserLocale: users.browserLocale,
      createdAt: users.createdAt,
    })
    .from(users)
    .where(eq(users.id, userId));
  const [workspace] = await tx
    .select({ id: workspaces.id, name: workspaces.name, createdAt: workspaces.createdAt, role: members.role })
    .from(workspaces)
    .innerJoin(members, eq(members.workspaceId, workspaces.id))
    .where(sql`${workspaces.id} = ${workspaceId} and ${members.userId} = ${userId}`);
  const signsInWith = await tx
    .select({
      provider: oauthAccounts.provider,
      accountId: oauthAccounts.providerAccountId,
      createdAt: oauthAccounts.createdAt,
    })
    .from(oauthAccounts)
    .where(eq(oauthAccounts.userId, userId));
  const [chat] = await tx
    .select({ favoriteModels: chatPreferences.favoriteModels, parameters: chatPreferences.parameters })
    .from(chatPreferences)
    .where(eq(chatPreferences.userId, userId));
  return jsonFile("profile.json", { user, workspace, signsInWith, chat: chat ?? null });
}

/** Sessions, browsers and second factors. */
export async function securityFiles(tx: Tx, { userId }: ExportOwner): Promise<ExportFile[]> {
  const sessionRows = await tx
    .select({
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      expiresAt: sessions.expiresAt,
      revokedAt: sessions.revokedAt,
    })
    .from(sessions)
    .where(eq(sessions.userId, userId))
    .orderBy(asc(sessions.createdAt));
  const [totp] = await tx
    .select({ createdAt: totpFactors.createdAt, confirmedAt: totpFactors.confirmedAt })
    .from(totpFactors)
    .where(eq(totpFactors.userId, userId));
  const passkeyRows = await tx
    .select({ name: passkeys.name, createdAt: passkeys.createdAt, lastUsedAt: passkeys.lastUsedAt })
    .from(passkeys)
    .where(eq(passkeys.userId, userId));
  const browsers = await tx
    .select({ createdAt: knownDevices.createdAt, lastUsedAt: knownDevices.lastUsedAt })
    .from(knownDevices)
    .where(eq(knownDevices.userId, userId));
  return [
    csvFile(
      "security/sessions.csv",
      ["device", "user_agent", "created_at", "last_seen_at", "expires_at", "revoked_at"],
      [sessionRows],
      (row) => [
        deviceName(row.userAgent),
        row.userAgent,
        row.createdAt,
        row.lastSeenAt,
        row.expiresAt,
        row.revokedAt,
      ],
    ),
    jsonFile("security/sign-in-methods.json", {
      authenticatorApp: totp ?? null,
      passkeys: passkeyRows,
      browsers,
    }),
  ];
}

type AuditRow = {
  id: string;
  at: string;
  action: string;
  actor: "you" | "support" | "system";
  target: string | null;
  data: unknown;
};

/** Everything that the audit log says about the user; other people are not named. */
export function auditFiles(tx: Tx, owner: ExportOwner): ExportFile[] {
  const isSecurity = sql`(action like 'session.%' or action like 'password.%' or action like 'second_factor%'
    or action like 'totp%' or action like 'passkey%' or action like 'recovery%' or action like 'email.%')`;
  return [
    jsonListFile("security/events.json", auditPages(tx, owner, isSecurity)),
    jsonListFile("audit-log.json", auditPages(tx, owner, sql`true`)),
  ];
}

async function* auditPages(tx: Tx, owner: ExportOwner, condition: ReturnType<typeof sql>) {
  for await (const page of readPages<AuditRow>((after) => readAudit(tx, owner, condition, after)))
    yield page.map(({ at, ...row }) => ({ at: new Date(at).toISOString(), ...row }));
}

function readAudit(
  tx: Tx,
  { userId, workspaceId, isAdmin }: ExportOwner,
  condition: ReturnType<typeof sql>,
  after: AuditRow | undefined,
) {
  const later = after ? sql`and (at, id) > (${after.at}::timestamptz, ${after.id}::uuid)` : sql``;
  // Each part has an index of its own.
  const part = (where: ReturnType<typeof sql>) =>
    sql`(select id, at, action, actor_user_id, target, data from audit_log
      where ${where} and ${condition} ${later} order by at, id limit ${pageSize})`;
  const ofWorkspace = isAdmin ? sql`union ${part(sql`workspace_id = ${workspaceId}::uuid`)}` : sql``;
  return tx.execute<AuditRow>(sql`
    select id, at::text as at, action, target, data, case
      when actor_user_id is null then 'system' when actor_user_id = ${userId}::uuid then 'you' else 'support' end as actor
    from (
      ${part(sql`actor_user_id = ${userId}::uuid`)}
      union ${part(sql`target = ${userId} and actor_user_id is null`)}
      ${ofWorkspace}
    ) as entries order by entries.at, entries.id limit ${pageSize}`);
}

type EmailRow = { id: string; subject: string; createdAt: string; sentAt: string | null };

/** The emails that were sent to the user. Their texts are deleted once they are sent. */
export function emailFile(tx: Tx, { email }: ExportOwner): ExportFile {
  const pages = readPages<EmailRow>((after) =>
    tx.execute<EmailRow>(sql`
      select id, subject, created_at::text as "createdAt", sent_at::text as "sentAt" from outgoing_mail
      where to_address = ${email} ${after ? sql`and (created_at, id) > (${after.createdAt}::timestamptz, ${after.id}::uuid)` : sql``}
      order by created_at, id limit ${pageSize}`),
  );
  return csvFile("emails.csv", ["subject", "created_at", "sent_at"], pages, (row) => [
    row.subject,
    new Date(row.createdAt),
    row.sentAt === null ? null : new Date(row.sentAt),
  ]);
}

/** API keys by their prefix; the secrets are not stored. */
export async function keyFile(tx: Tx, { workspaceId }: ExportOwner): Promise<ExportFile> {
  const rows = await tx
    .select({
      name: apiKeys.name,
      prefix: apiKeys.prefix,
      scopes: apiKeys.scopes,
      budgetMicros: apiKeys.budgetMicros,
      cachesAnswers: apiKeys.cachesAnswers,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      revokedAt: apiKeys.revokedAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .where(eq(apiKeys.workspaceId, workspaceId))
    .orderBy(asc(apiKeys.createdAt));
  const header = [
    "name",
    "prefix",
    "scopes",
    "budget_usd",
    "uses_response_cache",
    "created_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
  ];
  return csvFile("api-keys.csv", header, [rows], (row) => [
    row.name,
    row.prefix,
    row.scopes.join(" "),
    row.budgetMicros === null ? null : (row.budgetMicros / 1_000_000).toFixed(2),
    row.cachesAnswers ? "yes" : "no",
    row.createdAt,
    row.expiresAt,
    row.revokedAt,
    row.lastUsedAt,
  ]);
}
