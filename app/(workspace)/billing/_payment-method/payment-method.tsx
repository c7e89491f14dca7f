import { useTranslations } from "next-intl";
import { CardName } from "#app/(workspace)/billing/_payment-method/card-name.tsx";
import { ChangeCard } from "#app/(workspace)/billing/_payment-method/change-card.tsx";
import type { CardView } from "#lib/billing/reports/payment-details.ts";

type Props = { card: CardView | null; canManage: boolean; opensForm: boolean };

/** The default card and the button to change it. */
export function PaymentMethod({ card, canManage, opensForm }: Props) {
  const t = useTranslations("billing.paymentMethod");
  return (
    <section
      id="payment-method"
      aria-labelledby="payment-method-title"
      className="flex scroll-mt-6 flex-col gap-4"
    >
      <h2 id="payment-method-title" className="font-semibold">
        {t("title")}
      </h2>
      {card === null ? (
        <p className="text-muted-foreground text-sm">{t("none")}</p>
      ) : (
        <div className="flex flex-col gap-1 text-sm">
          <p className="font-medium">
            <CardName {...card} />
          </p>
          <p className={card.expiry === "good" ? "text-muted-foreground" : "text-danger"}>
            {t(expiryKeys[card.expiry], { month: expiryMonth(card) })}
          </p>
        </div>
      )}
      {canManage && <ChangeCard label={t(card === null ? "add" : "change")} autoOpen={opensForm} />}
    </section>
  );
}

const expiryKeys = { good: "expires", this_month: "expiresSoon", over: "expired" } as const;

/** The expiry as it is printed on the card: "04/2027". */
function expiryMonth({ expMonth, expYear }: CardView): string {
  return `${String(expMonth).padStart(2, "0")}/${expYear}`;
}
