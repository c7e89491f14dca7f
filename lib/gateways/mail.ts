import { createTransport, type Transporter } from "nodemailer";
import { env } from "#lib/core/env.ts";
import { inSpan } from "#lib/core/observability/tracing.ts";
import { singleton } from "#lib/core/singleton.ts";

/**
 * An email to send. `id` becomes its Message-ID, so that mail clients show an email that was delivered twice
 * only once.
 */
export type OutgoingEmail = { id: string; to: string; subject: string; html: string; text: string };

/** The response of the mail server; with `permanent`, retrying is useless. */
export type Delivery = { ok: true } | { ok: false; permanent: boolean; reason: string };

/** Sends an email through the mail server of SMTP_URL. Takes at most 40 seconds. */
export async function deliverEmail(email: OutgoingEmail): Promise<Delivery> {
  const { id, ...content } = email;
  try {
    const message = {
      ...content,
      from: env().MAIL_FROM,
      messageId: `<${id}@${new URL(env().APP_URL).hostname}>`,
      // Prevents automatic replies (RFC 3834).
      headers: { "Auto-Submitted": "auto-generated" },
    };
    await inSpan("smtp delivery", { kind: "client" }, () => transport().sendMail(message));
    return { ok: true };
  } catch (error) {
    const code = findReplyCode(error);
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, permanent: code !== undefined && code >= 500 && code < 600, reason };
  }
}

function transport(): Transporter {
  return singleton("gateways.mail", () =>
    createTransport({
      url: env().SMTP_URL,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
    }),
  );
}

/** The SMTP reply code of an error, if the mail server sent one. */
function findReplyCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("responseCode" in error)) return undefined;
  return typeof error.responseCode === "number" ? error.responseCode : undefined;
}
