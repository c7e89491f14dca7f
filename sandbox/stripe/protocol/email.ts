import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { type Reader, text } from "#sandbox/stripe/protocol/params.ts";

/** Reads a syntactically valid email address. */
export function email(): Reader<string | undefined> {
  return (node, path) => {
    const address = text()(node, path);
    if (address === undefined || isEmail(address)) return address;
    throw invalid(`Invalid email address: ${address}`, path, "email_invalid");
  };
}

/** Whether a text has the form of an email address: a local part, `@` and a host with a dot. */
export function isEmail(address: string): boolean {
  return address.length <= 512 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(address);
}
