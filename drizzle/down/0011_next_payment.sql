-- The way back: what comes next is shown by the catalogue's price again.
ALTER TABLE "subscriptions" DROP COLUMN "next_payment_cents";
