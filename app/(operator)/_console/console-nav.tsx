"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { PrefetchLink } from "#app/(workspace)/_shell/prefetch-link.tsx";
import { navLinks } from "#app/pages.ts";

const links = navLinks("operator");

/** Navigation of the operator console; `label` names it for screen readers. */
export function ConsoleNav({ label }: { label: string }) {
  const t = useTranslations("nav");
  const pathname = usePathname();
  const isCurrent = (href: string) => (href === "/operator" ? pathname === href : pathname.startsWith(href));
  return (
    <nav aria-label={label} className="-mx-2 max-w-full overflow-x-auto max-sm:w-full">
      <ul className="flex text-sm">
        {links.map(({ href, label: key }) => (
          <li key={href}>
            <PrefetchLink
              href={href}
              aria-current={isCurrent(href) ? "page" : undefined}
              className="flex min-h-11 items-center border-transparent border-b-2 px-2 text-muted-foreground hover:text-foreground aria-[current=page]:border-accent aria-[current=page]:text-foreground"
            >
              {t(key)}
            </PrefetchLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
