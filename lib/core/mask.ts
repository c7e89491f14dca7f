/**
 * Replaces personal data and secrets by a placeholder in brackets: email addresses, phone and card numbers,
 * keys and bearer tokens. It runs on everything that is logged, so every pattern is bounded and the time is
 * linear in the text's length.
 * @param text any text, of any length
 */
export function maskText(text: string): string {
  if (safeText.test(text)) return text;
  const named = text
    .replace(credentialsInUrl, "$1[credentials]@")
    .replace(bearer, "$1 [token]")
    .replace(webToken, "[token]")
    .replace(privateKey, "[key]")
    .replace(key, "[key]")
    .replace(emailAddress, "[email]");
  // A UUID may contain digits that look like a card or phone number. It identifies a row, not a user, so it
  // is kept.
  return named
    .split(uuid)
    .map((part, index) => (index % 2 === 1 ? part : maskNumbers(part)))
    .join("");
}

/** A fast path for short words, paths and UUIDs, which cannot match any of the patterns below. */
const safeText = /^(?:[a-z./:]{0,60}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const credentialsInUrl = /([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]{1,300}@/gi;
const bearer = /\b(bearer|basic)\s{1,5}[\w.~+/-]{8,}={0,2}/gi;
const webToken = /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g;
const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\w+/=\s\\]{0,10000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g;
const key =
  /(?<![A-Za-z0-9])(?:(?:parley_sk|sk|rk|pk|whsec|ghp|gho|ghs|github_pat|xox[abprs]|glpat|hf)[-_][\w-]{10,}|AKIA[A-Z0-9]{12,}|AIza[\w-]{20,})/g;
const emailAddress = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;
const uuid = /(?<![\w-])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![\w-])/gi;
const cardNumber = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g;
const internationalPhone = /\+\d(?:[ ().-]{0,2}\d){6,14}(?!\d)/g;
const nationalPhone =
  /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])|(?<![\w.-])0\d{2,4}[ /-]\d{5,9}(?![\w-])/g;

function maskNumbers(text: string): string {
  return text
    .replace(cardNumber, (match) => (passesLuhn(match.replace(/\D/g, "")) ? "[card]" : match))
    .replace(internationalPhone, "[phone]")
    .replace(nationalPhone, "[phone]");
}

/**
 * Whether the digits pass the Luhn check of payment cards; other long numbers, such as ids and timestamps,
 * are kept.
 */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
