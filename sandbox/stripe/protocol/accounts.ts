import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";

/** The id of the sandbox's only account. */
export const accountId = "acct_1SandboxSandbox";
const account = {
  id: accountId,
  object: "account",
  business_type: "company",
  charges_enabled: true,
  country: "US",
  default_currency: "usd",
  details_submitted: true,
  email: "owner@example.com",
  payouts_enabled: true,
  settings: { dashboard: { display_name: "Sandbox", timezone: "Etc/UTC" } },
  type: "standard",
};
const noParams = paramsOf<object>()({});

export const accountRoutes: Route[] = [
  route("GET", "/v1/account", noParams, () => account),
  route("GET", "/v1/accounts/:id", noParams, ({ id }) => {
    assertOwnAccount(id, "");
    return account;
  }),
];

/** Throws Stripe's error for a connected account that the key has no access to. */
export function assertOwnAccount(id: string | undefined, key: string): void {
  if (id === undefined || id === accountId) return;
  throw new StripeFailure(
    403,
    "invalid_request_error",
    `The provided key '${key.slice(0, 8)}${"*".repeat(6)}${key.slice(-4)}' does not have access to account '${id}' (or that account does not exist). Application access may have been revoked.`,
    { code: "account_invalid" },
  );
}
