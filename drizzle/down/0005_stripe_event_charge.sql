-- The way back: refunds and disputes wait for the nightly sweep again.
ALTER TABLE "stripe_events" DROP COLUMN "charge_id";
