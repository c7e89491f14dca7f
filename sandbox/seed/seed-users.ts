import type { Locale } from "#lib/core/locale.ts";

/** The password of every demo user. */
export const seedPassword = "parley-sandbox";

/**
 * The key of the demo operator's authenticator app (base32). `npm run operator-code` prints its current code.
 */
export const seedTotpKey = "PARLEYSANDBOXOPERATORKEYAAAAAAAA";

export type SeedUser = {
  name: string;
  email: string;
  role: "user" | "operator";
  /** Days since sign-up. */
  ageDays: number;
  /** Model calls on a typical weekday. */
  callsPerDay: number;
  /** Gift credit in micro-USD. */
  giftMicros: number;
  /** The state of the account after five weeks. */
  ending: "some left" | "used up" | "pro";
  hasApiKey: boolean;
  /** The chosen language of the screens and the conversations; null follows the browser. */
  language: Locale | null;
};

/** The demo users of a new development database. */
export const seedUsers: SeedUser[] = [
  {
    name: "Ada Lovelace",
    email: "ada@parley.example",
    role: "user",
    ageDays: 63,
    callsPerDay: 5,
    giftMicros: 10_000_000,
    ending: "pro",
    hasApiKey: true,
    language: null,
  },
  {
    name: "Finn Free",
    email: "free@parley.example",
    role: "user",
    ageDays: 40,
    callsPerDay: 2,
    giftMicros: 0,
    ending: "some left",
    hasApiKey: false,
    language: null,
  },
  {
    name: "Emma Empty",
    email: "empty@parley.example",
    role: "user",
    ageDays: 12,
    callsPerDay: 3,
    giftMicros: 0,
    ending: "used up",
    hasApiKey: false,
    language: null,
  },
  {
    name: "Greta Gerber",
    email: "german@parley.example",
    role: "user",
    ageDays: 40,
    callsPerDay: 2,
    giftMicros: 5_000_000,
    ending: "some left",
    hasApiKey: false,
    language: "de",
  },
  {
    name: "Oscar Operator",
    email: "operator@parley.example",
    role: "operator",
    ageDays: 90,
    callsPerDay: 1,
    giftMicros: 0,
    ending: "some left",
    hasApiKey: false,
    language: null,
  },
];
