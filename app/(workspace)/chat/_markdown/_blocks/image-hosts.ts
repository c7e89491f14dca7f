"use client";

import { createContext } from "react";

/** The hosts from which answers may show images, over https; set by the operator. */
export const ImageHosts = createContext<readonly string[]>([]);

/**
 * Whether an answer may show the image at a URL: https, an allowed host, and nothing else that would choose
 * another server or send a name.
 */
export function isAllowedImage(url: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username, password } = new URL(url);
  return (
    protocol === "https:" && port === "" && username === "" && password === "" && hosts.includes(hostname)
  );
}
