import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { BrowserContext } from "@playwright/test";

/** Somebody at GitHub, as its interface tells of them. */
export type GitHubPerson = { id: number; login: string; email: string; verified: boolean };

export const gitHubKeys = { AUTH_GITHUB_ID: "Iv1.stand-in", AUTH_GITHUB_SECRET: "the stand-in's secret" };

/** What somebody agreed to: a code is good once, for the client, the address and the verifier it was asked for. */
type Consent = { person: GitHubPerson; clientId: string; redirectUri: string; challenge: string };

export type GitHub = {
  /** For the app's process: what it asks of GitHub's addresses goes to this stand-in. Nothing of the app is changed. */
  environment: { NODE_OPTIONS: string };
  /** Shows this browser a page of consent at GitHub's own address. */
  receive(context: BrowserContext, person: GitHubPerson): Promise<void>;
  stop(): Promise<void>;
};

/** GitHub's side of OAuth over real HTTP: consent, the exchange of a code (with PKCE), and the person with their addresses. */
export async function startGitHub(): Promise<GitHub> {
  const consents = new Map<string, Consent>();
  const tokens = new Map<string, GitHubPerson>();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://stand-in.invalid");
    const answer =
      pathname === "/login/oauth/access_token"
        ? exchange(consents, tokens, await readForm(request))
        : tellOf(tokens, pathname, request.headers.authorization);
    response.writeHead(answer === null ? 401 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "Bad credentials" }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    environment: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(leadTo(port))}` },
    receive: async (context, person) => {
      await context.route("https://github.com/login/oauth/authorize?*", (route) => {
        const asked = new URL(route.request().url()).searchParams;
        const code = randomUUID();
        const redirectUri = asked.get("redirect_uri") ?? "";
        const challenge = asked.get("code_challenge") ?? "";
        consents.set(code, { person, clientId: asked.get("client_id") ?? "", redirectUri, challenge });
        const back = new URL(redirectUri);
        back.search = new URLSearchParams({ code, state: asked.get("state") ?? "" }).toString();
        const link = `<a href="${back.href.replaceAll("&", "&amp;")}">Authorize Parley</a>`;
        return route.fulfill({ contentType: "text/html", body: `<title>GitHub</title>${link}` });
      });
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Runs in the app's process before the app: the address alone is another, as a name server could make it. */
function leadTo(port: number): string {
  return `
    const ask = globalThis.fetch;
    const hosts = ["https://github.com", "https://api.github.com"];
    globalThis.fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (!hosts.includes(url.origin)) return ask(input, init);
      const there = "http://127.0.0.1:${port}" + url.pathname + url.search;
      return ask(input instanceof Request ? new Request(there, input) : there, init);
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

function exchange(consents: Map<string, Consent>, tokens: Map<string, GitHubPerson>, form: URLSearchParams) {
  const code = form.get("code") ?? "";
  const consent = consents.get(code);
  consents.delete(code);
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  const isGood =
    consent !== undefined &&
    // Without a challenge none is asked for, as at GitHub: whether the app sends one is for the test to see.
    (consent.challenge === "" || consent.challenge === challenge) &&
    consent.clientId === form.get("client_id") &&
    consent.redirectUri === form.get("redirect_uri") &&
    form.get("client_secret") === gitHubKeys.AUTH_GITHUB_SECRET;
  // GitHub answers 200 to a bad code, too.
  if (!isGood)
    return { error: "bad_verification_code", error_description: "The code is incorrect or expired." };
  const token = `gho_${randomUUID()}`;
  tokens.set(token, consent.person);
  return { access_token: token, token_type: "bearer", scope: "read:user,user:email" };
}

function tellOf(tokens: Map<string, GitHubPerson>, pathname: string, authorization: string | undefined) {
  const person = tokens.get(authorization?.replace(/^Bearer /i, "") ?? "");
  if (person === undefined) return null;
  const { id, login, email, verified } = person;
  if (pathname === "/user") return { id, login, name: null, email: null, avatar_url: "" };
  return pathname === "/user/emails" ? [{ email, primary: true, verified, visibility: null }] : null;
}
