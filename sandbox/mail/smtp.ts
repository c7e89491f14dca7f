import { SMTPServer } from "smtp-server";
import { parseEmail, type ReceivedEmail } from "./email.ts";

const maxEmailBytes = 10 * 1024 * 1024;

/**
 * A mail server that accepts every email and delivers none. Two recipients simulate failures: `bounce@...`
 * does not exist (550), `defer@...` is busy (451).
 */
export function createSmtpServer(onEmail: (email: ReceivedEmail) => void): SMTPServer {
  return new SMTPServer({
    name: "sandbox",
    banner: "Parley's mail sandbox: emails are shown, not delivered",
    authOptional: true,
    hideSTARTTLS: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    allowInsecureAuth: true,
    // Do not wait for idle pooled connections.
    closeTimeout: 500,
    size: maxEmailBytes,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? "anyone" }),
    onRcptTo({ address }, _session, done) {
      const refusal = refusalOf(address);
      done(refusal);
    },
    onData(stream, session, done) {
      const receivers = session.envelope.rcptTo.map(({ address }) => address);
      parseEmail(stream, receivers).then(
        (email) => {
          // The parser reads to the end even if the email is too long.
          if (stream.sizeExceeded) return done(smtpError(552, "The email is too large."));
          onEmail(email);
          done();
        },
        () => done(smtpError(554, "This is not an email.")),
      );
    },
  });
}

function refusalOf(address: string): Error | null {
  if (/^bounce[@+]/i.test(address)) return smtpError(550, "There is no such mailbox.");
  if (/^defer[@+]/i.test(address)) return smtpError(451, "The mailbox is busy. Try again later.");
  return null;
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
