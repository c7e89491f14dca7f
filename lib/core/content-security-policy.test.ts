import { expect, test } from "vitest";
import { contentSecurityPolicy } from "#lib/core/content-security-policy.ts";

const production = {
  ...{ nonce: "n0nce", development: false, https: true, stripe: null },
  ...{ formTargets: [], imageHosts: [] },
};
const directive = (policy: string, name: string) =>
  policy.split("; ").find((part) => part.startsWith(`${name} `));

test("production allows scripts by nonce only, and no eval", () => {
  const policy = contentSecurityPolicy(production);
  expect(directive(policy, "script-src")).toBe(
    "script-src 'self' 'nonce-n0nce' 'strict-dynamic' 'wasm-unsafe-eval'",
  );
  expect(policy).not.toContain("'unsafe-eval'");
  expect(directive(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
});

test("images, frames and connections to foreign servers are blocked", () => {
  const policy = contentSecurityPolicy(production);
  expect(directive(policy, "img-src")).toBe("img-src 'self' data: blob:");
  expect(directive(policy, "connect-src")).toBe("connect-src 'self'");
  expect(policy).not.toMatch(/https?:/);
});

test("images of the hosts that the operator allows are loaded over https, and nothing else of them", () => {
  const policy = contentSecurityPolicy({ ...production, imageHosts: ["images.example.com"] });
  expect(directive(policy, "img-src")).toBe("img-src 'self' data: blob: https://images.example.com");
  expect(policy.match(/example\.com/g)).toHaveLength(1);
});

test("forms may redirect to the configured hosted pages", () => {
  const policy = contentSecurityPolicy({ ...production, formTargets: ["https://checkout.stripe.com"] });
  expect(directive(policy, "form-action")).toBe("form-action 'self' https://checkout.stripe.com");
});

test("payment pages allow only Stripe's hosts", () => {
  const policy = contentSecurityPolicy({ ...production, stripe: "stripe" });
  expect(directive(policy, "frame-src")).toBe(
    "frame-src 'self' https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com https://checkout.stripe.com",
  );
  expect(directive(policy, "connect-src")).toBe(
    "connect-src 'self' https://api.stripe.com https://checkout.stripe.com",
  );
  const hosts = policy.match(/https?:\/\/[^\s;]+/g) ?? [];
  expect(hosts.filter((host) => !/^https:\/\/([a-z*.]+\.)?stripe\.com$/.test(host))).toEqual([]);
});

test("the sandbox's URL replaces Stripe's hosts", () => {
  const policy = contentSecurityPolicy({ ...production, stripe: { sandboxUrl: "http://127.0.0.1:12111/x" } });
  expect(directive(policy, "frame-src")).toBe("frame-src 'self' http://127.0.0.1:12111");
  expect(policy).not.toContain("stripe.com");
});

test("development allows eval and WebSockets, and http is not upgraded", () => {
  const policy = contentSecurityPolicy({ ...production, development: true, https: false });
  expect(directive(policy, "script-src")).toContain("'unsafe-eval'");
  expect(directive(policy, "connect-src")).toContain("ws:");
  expect(policy).not.toContain("upgrade-insecure-requests");
});
