/** Who is there when a fresh installation starts; every one of them signs in with the same password. */
export const seedPassword = "parley-sandbox";

export type SeedPerson = {
  name: string;
  email: string;
  role: "user" | "operator";
  /** Days since the account was made. */
  ageDays: number;
  /** Answers and API calls on an ordinary weekday. */
  callsADay: number;
  /** Credit that was given beside the plan's, in micro-USD; 0 for none. */
  giftMicros: number;
  /** What the allowance ends up as. */
  ending: "some left" | "used up" | "pro";
  hasApiKey: boolean;
};

export const seedPeople: SeedPerson[] = [
  {
    name: "Ada Lovelace",
    email: "ada@parley.example",
    role: "user",
    ageDays: 63,
    callsADay: 5,
    giftMicros: 10_000_000,
    ending: "pro",
    hasApiKey: true,
  },
  {
    name: "Finn Free",
    email: "free@parley.example",
    role: "user",
    ageDays: 40,
    callsADay: 2,
    giftMicros: 0,
    ending: "some left",
    hasApiKey: false,
  },
  {
    name: "Emma Empty",
    email: "empty@parley.example",
    role: "user",
    ageDays: 12,
    callsADay: 3,
    giftMicros: 0,
    ending: "used up",
    hasApiKey: false,
  },
  {
    name: "Oscar Operator",
    email: "operator@parley.example",
    role: "operator",
    ageDays: 90,
    callsADay: 1,
    giftMicros: 0,
    ending: "some left",
    hasApiKey: false,
  },
];
