import { createTransport, type Transporter } from "nodemailer";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

/** A letter on its way; `id` becomes its Message-ID, so that a letter delivered twice is shown once. */
export type OutgoingLetter = { id: string; to: string; subject: string; html: string; text: string };

/** Whether the post office took a letter; `permanent`: it never will. */
export type Delivery = { ok: true } | { ok: false; permanent: boolean; reason: string };

/** Hands a letter to the mail server of SMTP_URL. Takes 40 seconds at most. */
export async function deliverLetter(letter: OutgoingLetter): Promise<Delivery> {
  const { id, ...content } = letter;
  try {
    await transport().sendMail({
      ...content,
      from: env().MAIL_FROM,
      messageId: `<${id}@${new URL(env().APP_URL).hostname}>`,
      // Says to other machines that nobody waits for their automatic answers.
      headers: { "Auto-Submitted": "auto-generated" },
    });
    return { ok: true };
  } catch (error) {
    const code = responseCodeOf(error);
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

/** The three digits with which the mail server refused, where it was the mail server that did. */
function responseCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("responseCode" in error)) return undefined;
  return typeof error.responseCode === "number" ? error.responseCode : undefined;
}
