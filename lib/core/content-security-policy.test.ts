import { expect, test } from "vitest";
import { contentSecurityPolicy } from "#lib/core/content-security-policy.ts";

const production = { nonce: "n0nce", development: false, https: true, stripe: null, formTargets: [] };
const directive = (policy: string, name: string) =>
  policy.split("; ").find((part) => part.startsWith(`${name} `));

test("in production scripts run by nonce alone, and nothing evaluates text", () => {
  const policy = contentSecurityPolicy(production);
  expect(directive(policy, "script-src")).toBe(
    "script-src 'self' 'nonce-n0nce' 'strict-dynamic' 'wasm-unsafe-eval'",
  );
  expect(policy).not.toContain("'unsafe-eval'");
  expect(directive(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
});

test("no image, frame or connection leaves for a foreign server", () => {
  const policy = contentSecurityPolicy(production);
  expect(directive(policy, "img-src")).toBe("img-src 'self' data: blob:");
  expect(directive(policy, "connect-src")).toBe("connect-src 'self'");
  expect(policy).not.toMatch(/https?:/);
});

test("hosted pages may be reached by a form", () => {
  const policy = contentSecurityPolicy({ ...production, formTargets: ["https://checkout.stripe.com"] });
  expect(directive(policy, "form-action")).toBe("form-action 'self' https://checkout.stripe.com");
});

test("where something can be paid, Stripe's own hosts are let in and no other", () => {
  const policy = contentSecurityPolicy({ ...production, stripe: "stripe" });
  expect(directive(policy, "frame-src")).toBe(
    "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com https://checkout.stripe.com",
  );
  expect(directive(policy, "connect-src")).toBe(
    "connect-src 'self' https://api.stripe.com https://checkout.stripe.com",
  );
  const hosts = policy.match(/https?:\/\/[^\s;]+/g) ?? [];
  expect(hosts.filter((host) => !/^https:\/\/([a-z*.]+\.)?stripe\.com$/.test(host))).toEqual([]);
});

test("the sandbox's address stands in for Stripe's, and not beside them", () => {
  const policy = contentSecurityPolicy({ ...production, stripe: { sandboxUrl: "http://127.0.0.1:12111/x" } });
  expect(directive(policy, "frame-src")).toBe("frame-src http://127.0.0.1:12111");
  expect(policy).not.toContain("stripe.com");
});

test("development gets what next dev needs, and plain http stays plain", () => {
  const policy = contentSecurityPolicy({ ...production, development: true, https: false });
  expect(directive(policy, "script-src")).toContain("'unsafe-eval'");
  expect(directive(policy, "connect-src")).toContain("ws:");
  expect(policy).not.toContain("upgrade-insecure-requests");
});
