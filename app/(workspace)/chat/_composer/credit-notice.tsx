import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";
import { CreditRenewal } from "#app/(workspace)/chat/_composer/credit-renewal.tsx";
import { formatMoney } from "#lib/core/money.ts";

type Props = {
  availableMicros: number;
  leastMicros: number;
  allowanceMicros: number;
  renewsAt: string | null;
};

/** The notice appears below this share of the allowance. */
const lowShare = 0.1;

/** Warns that credit is low or used up, with the renewal date and a link to get more. */
export function CreditNotice({ availableMicros, leastMicros, allowanceMicros, renewsAt }: Props) {
  if (availableMicros > allowanceMicros * lowShare) return null;
  const empty = availableMicros < leastMicros;
  return (
    <div
      role="status"
      className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-xl border bg-card py-2.5 pr-2.5 pl-4 text-sm"
    >
      <p>
        <strong className="font-medium">
          {empty ? "Your credit is used up." : `${formatMoney(availableMicros)} of credit is left.`}
        </strong>{" "}
        <span className="text-muted-foreground">
          <CreditRenewal at={renewsAt} />
        </span>
      </p>
      <Button asChild size="sm" variant={empty ? "default" : "outline"}>
        <Link href="/billing">Get more credit</Link>
      </Button>
    </div>
  );
}
