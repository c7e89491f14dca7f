ALTER TABLE "subscriptions" ADD COLUMN "next_payment_cents" bigint;
--> statement-breakpoint
-- Until a subscription is next fetched, its price is the best that is known of what it collects.
update subscriptions s set next_payment_cents = (
  select sum(i.unit_amount_cents * i.quantity) from subscription_items i where i.subscription_id = s.id)
where s.status in ('active', 'trialing') and s.cancel_at is null and not s.cancel_at_period_end and s.scheduled_lookup_key is null;
