/** The part of the product that a page belongs to; the route groups in app/ have the same names. */
type PageArea = "public" | "workspace" | "operator" | "development";

export type Page = {
  /** The path in the notation of the folders ("/chat/[conversationId]"). */
  path: string;
  /** The title of the browser tab, without the app's name. Pages without one set it themselves. */
  title?: string;
  area: PageArea;
  /**
   * Whether the page redirects signed-out visitors to the sign-in page (or responds 404 in the operator
   * area).
   */
  requiresSession: boolean;
  /** The label in the navigation of its area: the sidebar or the operator console. */
  navLabel?: string;
  /** Whether search engines may index the page. */
  isIndexed: boolean;
  /** The maximum of compressed JavaScript that the first load may transfer, in KiB. */
  firstLoadKib?: number;
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
  { ...publicPage, path: "/", isIndexed: true, firstLoadKib: 200 },
  { ...publicPage, path: "/pricing", title: "Pricing", isIndexed: true, firstLoadKib: 200 },
  { ...publicPage, path: "/sign-in", title: "Sign in", isIndexed: true },
  { ...publicPage, path: "/sign-up", title: "Create an account", isIndexed: true },
  { ...publicPage, path: "/forgot-password", title: "Choose a new password" },
  { ...publicPage, path: "/reset-password", title: "Choose a new password", inScreenWalk: false },
  { ...publicPage, path: "/magic-link", title: "Sign in with a link" },
  { ...publicPage, path: "/verify-email", title: "Confirm your address", inScreenWalk: false },
  { ...publicPage, path: "/billing/checkout", requiresSession: true, inScreenWalk: false },
  { ...publicPage, path: "/billing/success", requiresSession: true, inScreenWalk: false },
  { ...publicPage, path: "/dev/emails", area: "development", title: "Emails", inScreenWalk: false },

  { ...workspacePage, path: "/chat", title: "New chat", firstLoadKib: 250 },
  { ...workspacePage, path: "/chat/[conversationId]", inScreenWalk: false },
  { ...workspacePage, path: "/usage", title: "Usage", navLabel: "Usage", firstLoadKib: 200 },
  { ...workspacePage, path: "/billing", title: "Billing", navLabel: "Billing", firstLoadKib: 200 },
  { ...workspacePage, path: "/billing/plan", title: "Change plan" },
  { ...workspacePage, path: "/keys", title: "API keys", navLabel: "API keys" },
  { ...workspacePage, path: "/settings", title: "Settings" },

  { ...operatorPage, path: "/operator", title: "Overview · Operator", navLabel: "Overview" },
  { ...operatorPage, path: "/operator/customers", title: "Customers · Operator", navLabel: "Customers" },
  { ...operatorPage, path: "/operator/customers/[workspaceId]", title: "Customer · Operator" },
  {
    ...operatorPage,
    path: "/operator/customers/[workspaceId]/invoices/[invoiceId]",
    title: "Invoice · Operator",
  },
  { ...operatorPage, path: "/operator/events", title: "Webhooks · Operator", navLabel: "Webhooks" },
  { ...operatorPage, path: "/operator/events/[id]", title: "Event · Operator" },
  { ...operatorPage, path: "/operator/drift", title: "Drift · Operator", navLabel: "Drift" },
] as const satisfies readonly Page[];

export type PagePath = (typeof pageList)[number]["path"];

/**
 * Every page of the app. Metadata, both navigations, proxy.ts, robots.txt, the first-load budgets and the e2e
 * screen walk read this list; a test compares it with the folders. To add a page, add its folder and one line
 * here.
 */
export const pages: readonly Page[] = pageList;

/** The links of an area's navigation, in their order. */
export function navLinks(area: PageArea): { href: string; label: string }[] {
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
