import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";

type Props = { newestHref: string | undefined; olderHref: string | undefined };

/** From page to page: back to the newest, on to the older. Nothing where everything is shown. */
export function Pager({ newestHref, olderHref }: Props) {
  if (newestHref === undefined && olderHref === undefined) return null;
  return (
    <nav aria-label="Pages" className="mt-4 flex gap-2">
      {newestHref !== undefined && (
        <Button asChild variant="outline" size="sm">
          <Link href={newestHref}>Newest</Link>
        </Button>
      )}
      {olderHref !== undefined && (
        <Button asChild variant="outline" size="sm">
          <Link href={olderHref}>Older</Link>
        </Button>
      )}
    </nav>
  );
}
