import type { Messages } from "#app/_messages/catalogs.ts";

/** The part of the product that a page belongs to; the route groups in app/ have the same names. */
type PageArea = "public" | "workspace" | "operator" | "development";

export type Page = {
  /** The path in the notation of the folders ("/chat/[conversationId]"). */
  path: string;
  /**
   * The message of the browser tab's title, which does not contain the app's name. Pages without one set it
   * themselves.
   */
  title?: keyof Messages["pages"];
  area: PageArea;
  /**
   * Whether the page redirects signed-out visitors to the sign-in page (or responds 404 in the operator
   * area).
   */
  requiresSession: boolean;
  /** The message of its label in the navigation of its area: the sidebar or the operator console. */
  navLabel?: keyof Messages["nav"];
  /** Whether search engines may index the page. */
  isIndexed: boolean;
  /** The maximum of compressed JavaScript that the first load may transfer, in KiB. */
  firstLoadKib?: number;
  /** Whether signed-out visitors get the page without scripts: all of it works without them. */
  isScriptless?: true;
  /** Whether the e2e screen walk checks the page in both themes. */
  inScreenWalk: boolean;
};

const publicPage = { area: "public", requiresSession: false, isIndexed: false, inScreenWalk: true } as const;
const workspacePage = {
  area: "workspace",
  requiresSession: true,
  isIndexed: false,
  inScreenWalk: true,
} as const;
const operatorPage = {
  area: "operator",
  requiresSession: true,
  isIndexed: false,
  inScreenWalk: false,
} as const;

const pageList = [
  { ...publicPage, path: "/", isIndexed: true, firstLoadKib: 200, isScriptless: true },
  {
    ...publicPage,
    path: "/pricing",
    title: "pricing",
    isIndexed: true,
    firstLoadKib: 200,
    isScriptless: true,
  },
  { ...publicPage, path: "/docs/api", title: "apiDocs", isIndexed: true, firstLoadKib: 200 },
  { ...publicPage, path: "/terms", title: "terms", isIndexed: true, isScriptless: true },
  { ...publicPage, path: "/privacy", title: "privacy", isIndexed: true, isScriptless: true },
  { ...publicPage, path: "/sign-in", title: "signIn", isIndexed: true },
  { ...publicPage, path: "/sign-in/second-factor", title: "secondFactor", inScreenWalk: false },
  { ...publicPage, path: "/sign-up", title: "signUp", isIndexed: true },
  { ...publicPage, path: "/forgot-password", title: "forgotPassword" },
  { ...publicPage, path: "/reset-password", title: "resetPassword", inScreenWalk: false },
  { ...publicPage, path: "/magic-link", title: "magicLink" },
  { ...publicPage, path: "/verify-email", title: "verifyEmail", inScreenWalk: false },
  { ...publicPage, path: "/billing/checkout", requiresSession: true, inScreenWalk: false },
  { ...publicPage, path: "/billing/success", requiresSession: true, inScreenWalk: false },
  { ...publicPage, path: "/share/[token]", inScreenWalk: false, isScriptless: true },
  { ...publicPage, path: "/print/[conversationId]", requiresSession: true, inScreenWalk: false },
  { ...publicPage, path: "/dev/emails", area: "development", title: "devEmails", inScreenWalk: false },

  { ...workspacePage, path: "/chat", title: "chat", firstLoadKib: 250 },
  { ...workspacePage, path: "/chat/[conversationId]", inScreenWalk: false },
  { ...workspacePage, path: "/search", title: "search", firstLoadKib: 200 },
  { ...workspacePage, path: "/usage", title: "usage", navLabel: "usage", firstLoadKib: 200 },
  { ...workspacePage, path: "/billing", title: "billing", navLabel: "billing", firstLoadKib: 200 },
  { ...workspacePage, path: "/billing/plan", title: "billingPlan" },
  { ...workspacePage, path: "/keys", title: "keys", navLabel: "keys" },
  { ...workspacePage, path: "/settings", title: "settings" },
  { ...workspacePage, path: "/settings/security", title: "security" },
  { ...workspacePage, path: "/settings/export", title: "dataExport", inScreenWalk: false },

  { ...operatorPage, path: "/operator", title: "operator", navLabel: "operator" },
  { ...operatorPage, path: "/operator/customers", title: "operatorCustomers", navLabel: "operatorCustomers" },
  { ...operatorPage, path: "/operator/customers/[workspaceId]", title: "operatorCustomer" },
  {
    ...operatorPage,
    path: "/operator/customers/[workspaceId]/invoices/[invoiceId]",
    title: "operatorInvoice",
  },
  { ...operatorPage, path: "/operator/events", title: "operatorEvents", navLabel: "operatorEvents" },
  { ...operatorPage, path: "/operator/events/[id]", title: "operatorEvent" },
  { ...operatorPage, path: "/operator/models", title: "operatorModels", navLabel: "operatorModels" },
  {
    ...operatorPage,
    path: "/operator/moderation",
    title: "operatorModeration",
    navLabel: "operatorModeration",
  },
  { ...operatorPage, path: "/operator/drift", title: "operatorDrift", navLabel: "operatorDrift" },
  { ...operatorPage, path: "/operator/shares", title: "operatorShares", navLabel: "operatorShares" },
] as const satisfies readonly Page[];

export type PagePath = (typeof pageList)[number]["path"];

/**
 * Every page of the app. Metadata, both navigations, proxy.ts, robots.txt, the first-load budgets and the e2e
 * screen walk read this list; a test compares it with the folders. To add a page, add its folder and one line
 * here.
 */
export const pages: readonly Page[] = pageList;

/** The links of an area's navigation, in their order. */
export function navLinks(area: PageArea): { href: string; label: keyof Messages["nav"] }[] {
  return pages.flatMap(({ path, navLabel, area: pageArea }) =>
    pageArea === area && navLabel !== undefined ? [{ href: path, label: navLabel }] : [],
  );
}

/** The first path segments of the workspace's pages ("/chat", "/billing"). */
export const workspaceRoots: readonly string[] = [
  ...new Set(pages.filter(({ area }) => area === "workspace").map(({ path }) => firstSegment(path))),
];

/** Whether a pathname is below one of the workspace's pages; Checkout's pages below /billing count too. */
export function isWorkspacePath(pathname: string): boolean {
  return workspaceRoots.includes(firstSegment(pathname));
}

function firstSegment(path: string): string {
  return `/${path.split("/")[1] ?? ""}`;
}
