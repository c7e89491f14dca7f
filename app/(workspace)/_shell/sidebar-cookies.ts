/** Whether the sidebar is collapsed in this browser. */
export const collapsedCookie = "sidebar";
/** The ids of the projects that are open in this browser's sidebar, separated by dots. */
export const openProjectsCookie = "open-projects";

const lifetimeSeconds = 365 * 86_400;

/** Remembers a state of the sidebar in this browser, so that the server renders the next page with it. */
export function setSidebarCookie(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers
  document.cookie = `${name}=${value}; path=/; max-age=${lifetimeSeconds}; samesite=lax`;
}

/** Returns the ids in the cookie of open projects; what is no UUID is left out. */
export function parseOpenProjects(value: string | undefined): string[] {
  return (value ?? "")
    .split(".")
    .filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    .slice(0, 20);
}
