-- The way back from 0002. What is dropped comes back with the next sync of each customer.
ALTER TABLE "subscription_items" DROP COLUMN "interval";
--> statement-breakpoint
ALTER TABLE "subscription_items" DROP COLUMN "currency";
--> statement-breakpoint
ALTER TABLE "subscription_items" DROP COLUMN "unit_amount_cents";
