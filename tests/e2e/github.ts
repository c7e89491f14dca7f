import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { BrowserContext } from "@playwright/test";

/** A GitHub user, as in the responses of its API. */
export type GitHubUser = { id: number; login: string; email: string; verified: boolean };

export const gitHubKeys = { AUTH_GITHUB_ID: "Iv1.test", AUTH_GITHUB_SECRET: "test-client-secret" };

/**
 * A granted authorization. Its code is valid once, for the client, redirect URI and code challenge of the
 * request.
 */
type Consent = { user: GitHubUser; clientId: string; redirectUri: string; challenge: string };

export type GitHub = {
  /** Environment of the app's process that redirects its requests to GitHub to this server. */
  environment: { NODE_OPTIONS: string };
  /** Serves the consent page at GitHub's URL in this browser. */
  serveConsentPage(context: BrowserContext, user: GitHubUser): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts GitHub's side of OAuth over HTTP: consent page, code exchange with PKCE, user and email addresses.
 */
export async function startGitHub(): Promise<GitHub> {
  const consents = new Map<string, Consent>();
  const tokens = new Map<string, GitHubUser>();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://github.invalid");
    const body =
      pathname === "/login/oauth/access_token"
        ? exchange(consents, tokens, await readForm(request))
        : readUser(tokens, pathname, request.headers.authorization);
    response.writeHead(body === null ? 401 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body ?? { message: "Bad credentials" }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    environment: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(redirectFetch(port))}` },
    serveConsentPage: async (context, user) => {
      await context.route("https://github.com/login/oauth/authorize?*", (route) => {
        const params = new URL(route.request().url()).searchParams;
        const code = randomUUID();
        const redirectUri = params.get("redirect_uri") ?? "";
        const challenge = params.get("code_challenge") ?? "";
        consents.set(code, { user, clientId: params.get("client_id") ?? "", redirectUri, challenge });
        const back = new URL(redirectUri);
        back.search = new URLSearchParams({ code, state: params.get("state") ?? "" }).toString();
        const link = `<a href="${back.href.replaceAll("&", "&amp;")}">Authorize Parley</a>`;
        return route.fulfill({ contentType: "text/html", body: `<title>GitHub</title>${link}` });
      });
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Returns a script that runs in the app's process first and sends its requests for GitHub to `port`. */
function redirectFetch(port: number): string {
  return `
    const originalFetch = globalThis.fetch;
    const hosts = ["https://github.com", "https://api.github.com"];
    globalThis.fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (!hosts.includes(url.origin)) return originalFetch(input, init);
      const target = "http://127.0.0.1:${port}" + url.pathname + url.search;
      return originalFetch(input instanceof Request ? new Request(target, input) : target, init);
    };`;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const form = new URLSearchParams((await request.toArray()).join(""));
  const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (basic !== undefined) {
    const [id = "", secret = ""] = Buffer.from(basic, "base64").toString().split(":");
    form.set("client_id", decodeURIComponent(id.replaceAll("+", " ")));
    form.set("client_secret", decodeURIComponent(secret.replaceAll("+", " ")));
  }
  return form;
}

function exchange(consents: Map<string, Consent>, tokens: Map<string, GitHubUser>, form: URLSearchParams) {
  const code = form.get("code") ?? "";
  const consent = consents.get(code);
  consents.delete(code);
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  const isValid =
    consent !== undefined &&
    // GitHub does not require a challenge. A test checks that the app sends one.
    (consent.challenge === "" || consent.challenge === challenge) &&
    consent.clientId === form.get("client_id") &&
    consent.redirectUri === form.get("redirect_uri") &&
    form.get("client_secret") === gitHubKeys.AUTH_GITHUB_SECRET;
  // GitHub responds with 200 to an invalid code, too.
  if (!isValid)
    return { error: "bad_verification_code", error_description: "The code is incorrect or expired." };
  const token = `gho_${randomUUID()}`;
  tokens.set(token, consent.user);
  return { access_token: token, token_type: "bearer", scope: "read:user,user:email" };
}

function readUser(tokens: Map<string, GitHubUser>, pathname: string, authorization: string | undefined) {
  const user = tokens.get(authorization?.replace(/^Bearer /i, "") ?? "");
  if (user === undefined) return null;
  const { id, login, email, verified } = user;
  if (pathname === "/user") return { id, login, name: null, email: null, avatar_url: "" };
  return pathname === "/user/emails" ? [{ email, primary: true, verified, visibility: null }] : null;
}
