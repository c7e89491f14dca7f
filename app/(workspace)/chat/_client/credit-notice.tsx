import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/date-time.tsx";

/** Said before a message is written in vain. */
export function CreditNotice({ renewsAt }: { renewsAt: string | null }) {
  return (
    <div
      role="status"
      className="mb-3 flex flex-wrap items-center justify-between gap-3 rounded-xl border bg-card p-4 text-sm"
    >
      <p>
        <strong className="font-medium">Your credit is used up.</strong>{" "}
        {renewsAt !== null && (
          <span className="text-muted-foreground">
            It renews on <DateTime at={renewsAt} />.
          </span>
        )}
      </p>
      <Button asChild size="sm">
        <Link href="/pricing">Get more credit</Link>
      </Button>
    </div>
  );
}
