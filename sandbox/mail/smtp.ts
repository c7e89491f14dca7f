import { SMTPServer } from "smtp-server";
import { type Letter, readLetter } from "./letter.ts";

const largestLetterBytes = 10 * 1024 * 1024;

/**
 * A mail server that takes every letter, from anyone and for anyone, and delivers none. Two receivers let a sender see
 * failures: `bounce@...` does not exist (550), `defer@...` is busy (451).
 */
export function createSmtpServer(onLetter: (letter: Letter) => void): SMTPServer {
  return new SMTPServer({
    name: "sandbox",
    banner: "Parley's mail sandbox: letters are shown, not delivered",
    authOptional: true,
    hideSTARTTLS: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    allowInsecureAuth: true,
    // Idle connections of a sender's pool are not waited for.
    closeTimeout: 500,
    size: largestLetterBytes,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? "anyone" }),
    onRcptTo({ address }, _session, done) {
      const refusal = refusalOf(address);
      done(refusal);
    },
    onData(stream, session, done) {
      const receivers = session.envelope.rcptTo.map(({ address }) => address);
      readLetter(stream, receivers).then(
        (letter) => {
          // The parser reads on to the end also where the letter is too long.
          if (stream.sizeExceeded) return done(smtpError(552, "The letter is too large."));
          onLetter(letter);
          done();
        },
        () => done(smtpError(554, "This is no letter.")),
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
