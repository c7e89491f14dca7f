import { cn } from "#app/_ui/cn.ts";

/** The logo. To rebrand, replace it here and the icons in public/ (public/icon.svg has the same shape). */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn("size-6", className)}>
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <path
        d="M9 22.5V11.75A2.75 2.75 0 0 1 11.75 9h8.5A2.75 2.75 0 0 1 23 11.75v4.5A2.75 2.75 0 0 1 20.25 19H13z"
        className="fill-accent-foreground"
      />
    </svg>
  );
}

export function Logo({ name, className }: { name: string; className?: string }) {
  return (
    <span className={cn("flex items-center gap-2.5 font-semibold tracking-tight", className)}>
      <LogoMark />
      {name}
    </span>
  );
}
