import { Card } from "#app/_ui/card.tsx";
import { cardName } from "#app/(workspace)/billing/_payment-method/card-name.ts";
import { ChangeCard } from "#app/(workspace)/billing/_payment-method/change-card.tsx";
import type { CardView } from "#lib/billing/reports/payment-details.ts";

type Props = { card: CardView | null; canManage: boolean; opensForm: boolean };

/** The default card and the button to change it. */
export function PaymentMethodCard({ card, canManage, opensForm }: Props) {
  return (
    <Card>
      <section
        id="payment-method"
        aria-labelledby="payment-method-title"
        className="flex scroll-mt-6 flex-col gap-4"
      >
        <h2 id="payment-method-title" className="font-semibold">
          Payment method
        </h2>
        {card === null ? (
          <p className="text-muted-foreground text-sm">There is no card on file.</p>
        ) : (
          <div className="flex flex-col gap-1 text-sm">
            <p className="font-medium">{cardName(card)}</p>
            <p className={card.expiry === "good" ? "text-muted-foreground" : "text-danger"}>
              {expiryText(card)}
            </p>
          </div>
        )}
        {canManage && (
          <ChangeCard label={card === null ? "Add a card" : "Change card"} autoOpen={opensForm} />
        )}
      </section>
    </Card>
  );
}

function expiryText({ expiry, expMonth, expYear }: CardView): string {
  const month = `${String(expMonth).padStart(2, "0")} / ${expYear}`;
  if (expiry === "over") return `Expired ${month}. Change it, or the next payment fails.`;
  if (expiry === "this_month") return `Expires this month, ${month}. Change it before the next payment.`;
  return `Expires ${month}`;
}
